"""Names of accounts."""

from collections.abc import Iterable

from qlue.kit.db import fetch_all
from qlue.people.records import USERS

NAMES = f"SELECT id, coalesce(nullif(first_name, ''), username) FROM {USERS} AS account WHERE id = ANY(%s)"


def user_names(people: Iterable[int | None]) -> dict[int, str]:
    """The names of accounts by id, for pages of staff only."""
    return dict(fetch_all(NAMES, [sorted({person for person in people if person})]))
