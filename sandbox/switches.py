"""What a service's documents leave open, as switches: a dataclass of defaults that checks what it is set to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints


@dataclass(slots=True)
class Switches:
    """The base of each service's ``Behaviour``; its fields are literals, numbers or booleans."""

    def change(self, **values: Any) -> None:
        """Sets several switches, or none when one of them cannot be set.

        Raises:
            ValueError: no such switch, or a value that it cannot have.
        """
        types = get_type_hints(type(self))
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no such behaviour: {name}")
            choices = get_args(types[name])
            if choices and value not in choices:
                raise ValueError(f"{name} is one of {', '.join(map(str, choices))}")
            if not choices and not isinstance(value, int | float):
                raise ValueError(f"{name} is a number or a boolean")
        for name, value in values.items():
            setattr(self, name, value)
