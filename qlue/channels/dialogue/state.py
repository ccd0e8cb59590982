"""What a dialogue remembers, hears and says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts


class Photo(msgspec.Struct, frozen=True):
    """A picture that lies cleaned in the storage."""

    uuid: str
    width: int
    height: int
    taken_at: str = ""
    dhash: int | None = None


class Draft(msgspec.Struct, frozen=True):
    """The report so far. `category` is a slug, `area` a code; a pin is better than an area."""

    category: str = ""
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    landmark: str = ""
    words: str = ""
    photos: tuple[Photo, ...] = ()

    @property
    def placed(self) -> bool:
        return self.lon is not None or bool(self.area)


class State(msgspec.Struct, frozen=True):
    """`step` is what we asked last: "", category, place, words, photo or confirm. `offered` are the ids that we
    numbered. `first` is the id of the message that began this report: the report's uuid follows from it.
    """

    step: str = ""
    draft: Draft = Draft()
    offered: tuple[str, ...] = ()
    first: str = ""
    photo_asked: bool = False
    misses: int = 0


class Heard(msgspec.Struct, frozen=True):
    """One message, whatever it came through."""

    id: str
    text: str = ""
    choice: str = ""
    place: tuple[float, float] | None = None
    photos: tuple[Photo, ...] = ()
    photo_failed: bool = False
    kind: str = "text"


class Option(msgspec.Struct, frozen=True):
    id: str
    label: str


class Reply(msgspec.Struct, frozen=True):
    text: str
    options: tuple[Option, ...] = ()
    asks_place: bool = False


class Submit(msgspec.Struct, frozen=True):
    """Hand this in."""

    draft: Draft
    first: str


class Status(msgspec.Struct, frozen=True):
    """Say how this report is; `code` as it was typed."""

    code: str


@dataclass(frozen=True)
class Turn:
    """Our half of the exchange: the new state, what we say, and what is to be done before that."""

    state: State
    replies: tuple[Reply, ...] = ()
    deed: Submit | Status | None = None


@dataclass(frozen=True)
class Know:
    """What the dialogue may know. `guided`: the channel has buttons, places and photos (not plain SMS)."""

    city: CityFacts
    categories: Sequence[CategoryFacts]
    kelurahan: Sequence[AreaFacts]
    area_at: Callable[[float, float], AreaFacts | None]
    guided: bool = True
