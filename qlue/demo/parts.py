"""The parts of the demo beyond reports: each room's module here has `seed(city)` and `turn(city, tick)`.

`seed` runs at every start and does nothing the second time. `turn` runs every three seconds and returns at once.
The connection is in the city's scope for both.
"""

from collections.abc import Callable
from importlib import import_module

from qlue.cities.facts import CityFacts

PARTS: tuple[str, ...] = (
    "atlas",
    "channels",
    "proof",
    "sorting",
    "vision",
    "orders",
    "policy",
)  # modules of qlue.demo, in the order in which they are sown

Seed = Callable[[CityFacts], None]
Turn = Callable[[CityFacts, int], None]


def seeds() -> list[Seed]:
    """What each part sows."""
    return [import_module(f"qlue.demo.{name}").seed for name in PARTS]


def turns() -> list[Turn]:
    """What each part does again and again."""
    return [import_module(f"qlue.demo.{name}").turn for name in PARTS]
