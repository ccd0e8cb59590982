"""The demo's crews and orders: sown once, then moving by the same verbs as everybody's."""

import pytest

from qlue.demo import orders
from qlue.demo.city import open_demo_city, submit_demo_report
from qlue.kit.db import fetch_value
from qlue.people.actions import load_demo_users
from qlue.work.models import Crew, Order


@pytest.fixture
def people(makassar):
    """Two agencies are enough: where nobody heads an agency the demo makes no crews."""
    for slug in ("dlh", "pu"):
        for role in ("officer", "head"):
            who = {"username": f"{role}.{slug}", "name": role, "role": role, "agency": slug}
            load_demo_users(makassar, [who | {"password": "rahasia-demo"}])


def test_the_demo_has_crews_and_orders_that_move(makassar, people):
    on = open_demo_city(makassar, seed=1)
    for _ in range(5):
        submit_demo_report(on)
    orders.seed_orders(makassar)
    crews = Crew.objects.count()
    assert crews == 4
    assert Order.objects.exists()
    orders.seed_orders(makassar)
    assert Crew.objects.count() == crews
    moved = "SELECT count(*) FROM timeline_happening WHERE kind LIKE 'order.%%'"
    before = fetch_value(moved)
    submit_demo_report(on)
    for tick in range(1, 12):
        orders.tick_orders(makassar, tick)
    assert fetch_value(moved) > before
