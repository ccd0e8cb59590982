"""What a city does by itself: the table `[auto]` of its city.toml, with the defaults of what the pack leaves out.

A `description` completes the sentence "KEY must be ..." in the fault that `qlue pack check` reports; its placeholders
are filled from `extra`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from qlue.kit.db import published

Days = Annotated[int, Meta(ge=1, le=365, description=gettext_noop("a whole number of days from 1 to 365"))]
Hours = Annotated[float, Meta(gt=0, le=24 * 60, description=gettext_noop("hours, more than 0 and at most 1440"))]
Percent = Annotated[float, Meta(ge=0, le=100, description=gettext_noop("a percentage from 0 to 100"))]
Count = Annotated[int, Meta(ge=1, le=10_000, description=gettext_noop("a whole number from 1 to 10000"))]
CameraEventKind = Literal["parking", "crowd", "congestion"]  # those that may become reports without an operator

SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
Slug = Annotated[str, Meta(pattern=rf"\A{SLUG}\Z")]  # not ^ and $: a $ also fits before a line's end


class EscalationStep(Struct, frozen=True, forbid_unknown_fields=True):
    """Hours from the deadline (negative: before it), and the role that is told then."""

    hours: Annotated[int, Meta(ge=-24 * 366, le=24 * 366)]
    tell: Literal["officer", "head", "operator", "mayor"]


class CallStep(Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes from the mark of an emergency, and who is called then; `duty`: the crews whose shift runs."""

    minutes: Annotated[int, Meta(ge=0, le=24 * 60)]
    tell: Literal["duty", "head", "operator", "mayor"]


Escalation = Annotated[
    tuple[EscalationStep, ...],
    Meta(
        min_length=1,
        max_length=12,
        description=gettext_noop('a list of steps such as { hours = 24, tell = "operator" }'),
    ),
]
CallChain = Annotated[
    tuple[CallStep, ...],
    Meta(
        min_length=1,
        max_length=12,
        description=gettext_noop('a list of steps such as { minutes = 3, tell = "head" }, the first with 0 minutes'),
    ),
]


class AutoSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of `[auto]`; docs/packs.md says what each does."""

    # 0 never comes from a pack: it stands for what an older version stored to switch the confirmation off.
    confirm_days: Days = 7
    hand_over_hours: Hours = 8.0
    outside_days: Days = 14
    outside_remind_days: Days = 3
    escalation: Escalation = (
        EscalationStep(-8, "officer"),
        EscalationStep(0, "head"),
        EscalationStep(8, "operator"),
        EscalationStep(24, "mayor"),
    )
    emergency: CallChain = (CallStep(0, "duty"), CallStep(3, "head"), CallStep(6, "operator"), CallStep(12, "mayor"))
    route: Annotated[
        tuple[Slug, ...],
        Meta(max_length=200, description=gettext_noop('a list of agencies, such as ["dlh", "dishub"]')),
    ] = ()
    proof_metres: Count = 150
    inspect_percent: Percent = 3.0
    proof_days: Days = 90
    target_in_time: Percent = 80.0
    target_reopened: Percent = 10.0
    target_answer_hours: Hours = 24.0
    score_least: Count = 30
    camera_reports: Annotated[
        tuple[CameraEventKind, ...],
        Meta(description=gettext_noop("a list of %(known)s"), extra={"known": "parking, crowd, congestion"}),
    ] = ()


def stored_auto(table: Mapping[str, Any]) -> AutoSettings:
    """The settings that a loaded pack's `[auto]` makes.

    What no longer fits, because an older version stored it, counts as left out; a city must not fail for it. The
    exception is `confirm_days`: a city that switched it off with 0 must not find its reports confirmed after an update.
    """
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(AutoSettings):
        if field.name in table:
            try:
                values[field.name] = msgspec.convert(table[field.name], field.type)
            except msgspec.ValidationError:
                values |= {"confirm_days": 0} if field.name == "confirm_days" else {}
    return AutoSettings(**values)


@dataclass(frozen=True)
class CityColumns:
    """What other rooms may read of a city's row; its areas, agencies and categories are `cities.facts`, in memory."""

    id: int
    slug: str
    name: str
    timezone: str
    joined: bool
    pack_digest: str


CITIES = published("cities_city", CityColumns)
