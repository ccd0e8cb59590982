"""The parts of the demo beyond reports.

A seed runs at every start and does nothing the second time. A tick runs every three seconds and returns at once.
The connection is in the city's scope for both.
"""

from collections.abc import Callable

from qlue.cities.facts import CityFacts
from qlue.demo.atlas import seed_atlas
from qlue.demo.channels import seed_channels, tick_channels
from qlue.demo.orders import seed_orders, tick_orders
from qlue.demo.policy import seed_policy, tick_policy
from qlue.demo.proof import seed_proofs, tick_proofs
from qlue.demo.sorting import seed_sorting, tick_sorting
from qlue.demo.vision import seed_cameras

# In this order: proofs resolve reports in progress that would otherwise get a work order.
SEEDS: tuple[Callable[[CityFacts], None], ...] = (
    seed_atlas,
    seed_channels,
    seed_proofs,
    seed_sorting,
    seed_cameras,
    seed_orders,
    seed_policy,
)
TICKS: tuple[Callable[[CityFacts, int], None], ...] = (
    tick_channels,
    tick_proofs,
    tick_sorting,
    tick_orders,
    tick_policy,
)
