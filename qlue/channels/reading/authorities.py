"""What became of the letters to authorities outside; asked by the pages of work, where the question stands."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all

LETTERS = """
SELECT key, state, coalesce(sent_at, created_at), next_at, error FROM channels_outbound
WHERE city_id = %s AND key = ANY(%s) ORDER BY id
"""


def key_of(ask: int, turn: int, reminds: bool) -> str:
    """Under which key the outbox holds a letter: one for each link, one to remind of it."""
    return f"outside:{ask}:{turn}:{'reminder' if reminds else 'link'}"


def letters_about(city: CityFacts, asks: list[tuple[int, int]]) -> dict[int, list[dict[str, Any]]]:
    """See `work.reading.letters_from`."""
    keys = {key_of(ask, turn, reminds): (ask, reminds) for ask, turn in asks for reminds in (False, True)}
    found: dict[int, list[dict[str, Any]]] = {}
    for key, state, at, next_at, error in fetch_all(LETTERS, [city.id, list(keys)]):
        ask, reminds = keys[key]
        letter = {"state": state, "reminder": reminds, "at": at, "next_at": next_at, "error": error}
        found.setdefault(ask, []).append(letter)
    return found
