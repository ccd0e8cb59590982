"""city.toml as one type: its keys, their order in messages, their limits and their defaults.

Two notes of a `Meta` are for the writer of a pack. `description` completes "KEY must be ..."; `extra["sentence"]` is a
fault of its own. The other entries of `extra` fill their placeholders.
"""

import sys
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from qlue.cities.records import SLUG, AutoSettings

# NaN and infinity are numbers to TOML; a number between these two is neither.
Number = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
Zoom = Annotated[float, Meta(ge=1, le=20)]
LanguageCode = Literal["id", "en"]
HoursKey = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "closed"]

TABLE_OF_NUMBERS = gettext_noop("%(key)s must be a table with the numbers %(names)s.")
TEXT_OF_LENGTH = gettext_noop("%(key)s must be text of 1 to %(most)d characters.")
ContactText = Annotated[str, Meta(max_length=120, description=gettext_noop("text of at most 120 characters"))]


class Centre(Struct, frozen=True):
    """Where the map begins, in degrees. `zoom` is checked apart, so that a wrong one does not hide a wrong place."""

    lon: Number
    lat: Number
    zoom: Any = 11


class BoundsTable(Struct, frozen=True):
    """The corners of `bounds`, in degrees."""

    west: Number
    south: Number
    east: Number
    north: Number


class ThemeTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[look]`."""

    colour: Annotated[
        str, Meta(pattern=r"\A#[0-9a-fA-F]{6}\Z", description=gettext_noop("a colour such as #0b4f8a"))
    ] = ""
    logo: Annotated[str, Meta(max_length=40, description=gettext_noop("text of at most 40 characters"))] = ""


class Open311Table(Struct, frozen=True, forbid_unknown_fields=True):
    """`[open311]`: what programs learn that discover the city."""

    contact: ContactText = ""
    phone: ContactText = ""
    email: ContactText = ""


class CitySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole city.toml; keys without a default are required."""

    slug: Annotated[
        str,
        Meta(
            pattern=rf"\A{SLUG}\Z",
            max_length=40,
            extra={"sentence": gettext_noop("slug must be small letters, digits and hyphens, such as pare-pare.")},
        ),
    ]
    name: Annotated[str, Meta(pattern=r"\S", max_length=80, extra={"sentence": TEXT_OF_LENGTH, "most": 80})]
    timezone: Annotated[
        str,
        Meta(
            extra={
                "sentence": gettext_noop(
                    "timezone is not known; Indonesia has Asia/Jakarta, Asia/Makassar and Asia/Jayapura."
                )
            }
        ),
    ]
    prefix: Annotated[
        str,
        Meta(pattern=r"\A[A-Z]{2,4}\Z", description=gettext_noop("two to four capital letters, such as MKS")),
    ]
    centre: Annotated[Centre, Meta(extra={"sentence": TABLE_OF_NUMBERS, "names": "lon, lat"})]
    province: Annotated[str, Meta(max_length=80, extra={"sentence": TEXT_OF_LENGTH, "most": 80})] = ""
    country: Annotated[
        str, Meta(pattern=r"\A[A-Z]{2}\Z", description=gettext_noop("two capital letters, such as ID"))
    ] = "ID"
    bounds: Annotated[
        BoundsTable | None, Meta(extra={"sentence": TABLE_OF_NUMBERS, "names": "west, south, east, north"})
    ] = None
    languages: Annotated[
        tuple[LanguageCode, ...],
        Meta(
            min_length=1,
            extra={"sentence": gettext_noop("languages must be a list of: %(known)s."), "known": "id, en"},
        ),
    ] = ("id", "en")
    # The spans of a day are read by `calendar.week`, which names the day that is wrong.
    hours: Annotated[
        dict[HoursKey, Any],
        Meta(extra={"sentence": gettext_noop("hours may hold the days mon to sun, and closed.")}),
    ] = {}
    look: ThemeTable = ThemeTable()
    open311: Open311Table = Open311Table()
    auto: AutoSettings = AutoSettings()
