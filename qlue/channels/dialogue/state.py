"""What a dialogue remembers, and what goes in and out of each of its turns.

Conversations keep a `DialogueState` as JSON, so the names there (`name=`) must stay as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts


class DraftPhoto(msgspec.Struct, frozen=True):
    """A picture that lies cleaned in the storage."""

    uuid: str
    width: int
    height: int
    taken_at: str = ""
    dhash: int | None = None  # perceptual hash, by which pictures of one scene are found


class ReportDraft(msgspec.Struct, frozen=True):
    """The report so far. `category` is a slug, `area` a code; a pin is better than an area."""

    category: str = ""
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    landmark: str = ""
    description: str = msgspec.field(default="", name="words")
    photos: tuple[DraftPhoto, ...] = ()

    @property
    def placed(self) -> bool:
        return self.lon is not None or bool(self.area)


class DialogueState(msgspec.Struct, frozen=True):
    """Where the dialogue stands.

    `step` is what Qlue asked last: "", category, place, words, photo or confirm. `offered_ids` are the choices that
    were numbered. `first_message_id` is the message that began this report: the report's uuid follows from it.
    """

    step: str = ""
    draft: ReportDraft = ReportDraft()
    offered_ids: tuple[str, ...] = msgspec.field(default=(), name="offered")
    first_message_id: str = msgspec.field(default="", name="first")
    photo_asked: bool = False
    misses: int = 0  # times in a row that nothing was understood


class UserMessage(msgspec.Struct, frozen=True):
    """One message, whatever it came through. `place` is (lon, lat), `choice` the id of a button."""

    id: str
    text: str = ""
    choice: str = ""
    place: tuple[float, float] | None = None
    photos: tuple[DraftPhoto, ...] = ()
    photo_failed: bool = False
    kind: str = "text"


class ReplyOption(msgspec.Struct, frozen=True):
    id: str
    label: str


class Reply(msgspec.Struct, frozen=True):
    text: str
    options: tuple[ReplyOption, ...] = ()
    asks_place: bool = False


class SubmitReport(msgspec.Struct, frozen=True):
    """The draft is complete and confirmed: make a report of it."""

    draft: ReportDraft
    first_message_id: str


class ShowStatus(msgspec.Struct, frozen=True):
    """Answer with the status of a report; `code` as it was typed."""

    code: str


@dataclass(frozen=True)
class DialogueTurn:
    """Qlue's half of the exchange: the new state, the replies, and what is to be done before they are sent."""

    state: DialogueState
    replies: tuple[Reply, ...] = ()
    action: SubmitReport | ShowStatus | None = None


@dataclass(frozen=True)
class DialogueContext:
    """What the dialogue may know of the city. `guided`: the channel has buttons, places and photos (not plain SMS)."""

    city: CityFacts
    categories: Sequence[CategoryFacts]
    kelurahan: Sequence[AreaFacts]
    area_at: Callable[[float, float], AreaFacts | None]
    guided: bool = True
