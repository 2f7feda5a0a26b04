"""What the gateway tells its operators: logs, metrics and traces. Never a variable, a document or a value of a record.

:mod:`.requests` hears of each request and tells of it, :mod:`.process` of what is looked at from time to time;
:mod:`.metrics` holds the numbers, :mod:`.logs` writes the lines, :mod:`.tracing` makes the spans.
"""
