"""People's accounts and places in cities, as other rooms may join with them."""

from dataclasses import dataclass
from datetime import datetime

from qlue.kit.db import published


@dataclass(frozen=True)
class UserColumns:
    """An account; `is_active` false: it can no longer sign in."""

    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    language: str
    is_active: bool


@dataclass(frozen=True)
class MembershipColumns:
    """One person's place in one city; only officers and heads have an agency."""

    id: int
    city_id: int
    user_id: int
    agency_id: int | None
    role: str
    active: bool


USERS = published("people_user", UserColumns)
MEMBERSHIPS = published("people_membership", MembershipColumns)


@dataclass(frozen=True)
class DataRequestColumns:
    """Somebody asks for the own data; `answered_at` is null while the request waits."""

    id: int
    city_id: int
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None


DATA_REQUESTS = published("people_datarequest", DataRequestColumns)
