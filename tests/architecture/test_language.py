"""The code speaks plain English: names say what they hold, and are found by search. `tools/measure.py` counts."""

from collections import Counter

import pytest

from tools import measure

NO_NAMES = {"found", "one", "here", "told", "said", "given", "asked", "wanted"}
# Names that a framework or a contract between rooms demands in more than one room.
SHARED_BY_CONTRACT = {
    "findings",  # what a room's health.py says to the doctor
    "add_arguments",  # a task of `qlue insight` is a module with these two
    "run",
}


@pytest.mark.parametrize("figure", measure.MEASURES, ids=lambda figure: figure.name)
def test_a_figure_keeps_its_limit(figure):
    places = [f"{place.path}:{place.line} {place.name}" for place in figure.places()]
    assert figure.is_kept(), f"{figure.name} is {figure.value()}, limit {figure.limit}; " + "; ".join(places[:20])


def test_most_functions_are_short():
    assert measure.median_function() <= 8


def test_no_local_name_is_a_riddle():
    assert not [place for place in measure.local_names() if place.name in NO_NAMES]


def test_a_public_function_has_its_name_alone_in_its_room():
    names = Counter(
        (place.path.split("/")[1], place.name) for place in measure.top_functions() if not place.name.startswith("_")
    )
    assert not [name for name, count in names.items() if count > 1 and name[1] not in SHARED_BY_CONTRACT]
