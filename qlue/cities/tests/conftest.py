from collections.abc import Iterator

import pytest

from qlue.cities.facts import clear_facts


@pytest.fixture(autouse=True)
def _no_facts_of_rolled_back_packs() -> Iterator[None]:
    yield
    clear_facts()
