"""What an operation costs at worst, in upstream calls, worked out before it runs.

``table`` says what each field costs, ``sources`` what each source takes for it, ``pages`` how many calls a page of a
list takes; ``walk`` goes over an operation with them, ``ledger`` adds up, ``shapes`` keeps what was worked out.
``docs/cost.md`` says what is counted.
"""

from gateway.cost.ledger import Estimate, over_cost
from gateway.cost.shapes import Estimates
from gateway.cost.visit import Config
from gateway.cost.walk import Costs

__all__ = ["Config", "Costs", "Estimate", "Estimates", "over_cost"]
