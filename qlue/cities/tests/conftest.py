from collections.abc import Iterator

import pytest

from qlue.cities.facts import forget


@pytest.fixture(autouse=True)
def _no_facts_of_rolled_back_packs() -> Iterator[None]:
    yield
    forget()
