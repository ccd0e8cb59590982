"""A report's history in sentences: people appear by role and agency, never by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_code
from qlue.people.models import AGENCY_ROLES, Role
from qlue.reports.presentation.cards import COLOUR_ICONS, photo_url, report_url
from qlue.reports.states import COLOURS, EVENT_RULES, WORKING_STATUSES, EventRule, ReportStatus
from qlue.timeline.records import ReportEvent
from qlue.web.formats import day

Payload = Mapping[str, Any]
SentenceWriter = Callable[[CityFacts, Payload], str]

ICONS: dict[str, str] = {rule.event: rule.icon for rule in EVENT_RULES.values()}
STAFF_ONLY: set[str] = {rule.event for rule in EVENT_RULES.values() if rule.staff_only}


def register_sentences(
    sentences: Mapping[str, SentenceWriter], icons: Mapping[str, str], staff_only: Iterable[str]
) -> None:
    """Registers the sentences of a room above for its own events; called once, while Qlue starts."""
    SENTENCES.update(sentences)
    ICONS.update(icons)
    STAFF_ONLY.update(staff_only)


# The way of a report that is worked on; ends without work have none.
STEPS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (pgettext_lazy("step", "Reported"), "send", (ReportStatus.RECEIVED, ReportStatus.ROUTED)),
    (pgettext_lazy("step", "In work"), "tools", (*WORKING_STATUSES, ReportStatus.REOPENED)),
    (pgettext_lazy("step", "Done"), "circle-check", (ReportStatus.RESOLVED,)),
    (pgettext_lazy("step", "Confirmed"), "checks", (ReportStatus.CONFIRMED,)),
)


@dataclass(frozen=True)
class ProgressStep:
    """One of the four steps of a report; `place` is `done`, `here` or `next`."""

    word: object
    icon: str
    place: str


def progress_steps(status: str) -> list[ProgressStep]:
    """The four steps of a report and where it stands; [] for ends without work."""
    at = next((i for i, (_label, _icon, statuses) in enumerate(STEPS) if status in statuses), None)
    if at is None:
        return []
    # Only the last step is both where the report stands and done.
    last = len(STEPS) - 1
    places = ["done" if i < at or i == at == last else "here" if i == at else "next" for i in range(len(STEPS))]
    return [ProgressStep(label, icon, place) for (label, icon, _), place in zip(STEPS, places, strict=True)]


@dataclass(frozen=True)
class PhotoView:
    """A photo on a page: its address in two sizes, and what it shows for those who cannot see it."""

    url: str
    large: str
    alt: str


@dataclass(frozen=True)
class HistoryLine:
    """One event in words. `words` is our sentence, `text` what somebody wrote (a reason, an answer)."""

    icon: str
    colour: str
    words: str
    at: datetime
    who: str
    photos: tuple[PhotoView, ...]
    text: str
    link: str


def history_lines(city: CityFacts, events: Iterable[ReportEvent], *, secret: bool = False) -> list[HistoryLine]:
    """A report's history as everybody reads it; `secret` gives photos the address that opens them when private."""
    return [history_line(city, event, secret=secret) for event in events if event.kind not in STAFF_ONLY]


def history_line(city: CityFacts, event: ReportEvent, *, secret: bool = False) -> HistoryLine:
    """An event in words.

    A kind that is unknown here gets a general sentence, so that a newer part of the product cannot break a page.
    """
    data = event.data
    write = SENTENCES.get(event.kind, plain_sentence(gettext_noop("Something changed")))
    colour = COLOURS.get((data.get("now") or {}).get("status", ""))
    return HistoryLine(
        icon=ICONS.get(event.kind) or (COLOUR_ICONS[colour] if colour else "point"),
        colour=colour or "",
        words=write(city, data),
        at=event.at,
        who=actor_label(city, event),
        photos=tuple(history_photo(city, photo, secret) for photo in data.get("photos", ())),
        text=data.get("words") or data.get("reason") or "",
        link=report_url(city, report_code(city.code_prefix, data["into"])) if data.get("into") else "",
    )


def actor_label(city: CityFacts, event: ReportEvent) -> str:
    """The role behind an event as the public reads it."""
    role, data = event.actor_role, event.data
    # A submission has no actor: reporters are nobody's account. What people want to know is how it came.
    if event.kind == "report.submitted":
        return channel_label(data.get("channel", "web"))
    if role in AGENCY_ROLES:
        # Whose case it was when it happened: after a hand-over `now` already names the other agency.
        return agency_name(city, data.get("was") or data.get("now") or data) or _("Agency")
    return {Role.OPERATOR: _("City operator"), "reporter": _("The reporter"), "resident": _("Resident")}.get(
        role, _("Qlue, automatically")
    )


def channel_label(channel: str) -> str:
    labels = {
        "web": _("Resident"),
        "phone": _("Resident, by telephone"),
        "api": _("Resident, by API"),
        "open311": _("Resident, by Open311"),
        "sms": _("Resident, by SMS"),
        "whatsapp": _("Resident, by WhatsApp"),
        "telegram": _("Resident, by Telegram"),
        "camera": _("City camera"),
        "sensor": _("A sensor of the city"),
    }
    # Imports name their channel as they like.
    return labels.get(channel, channel)


def history_photo(city: CityFacts, photo: str, secret: bool) -> PhotoView:
    return PhotoView(
        url=photo_url(city, photo, "medium", secret=secret),
        large=photo_url(city, photo, "large", secret=secret),
        alt=_("Photo of the finished work"),
    )


def agency_name(city: CityFacts, facts: Payload) -> str:
    # No agency has the id 0: an event may name none.
    agency = city.agencies.get(facts.get("agency") or 0)
    return agency.name if agency else ""


def _submission_sentence(city: CityFacts, data: Payload) -> str:
    agency = agency_name(city, data["now"])
    if agency:
        return _("Received and passed on to %(agency)s") % {"agency": agency}
    if data["now"]["status"] == ReportStatus.UNSERVED:
        return _("Received; kept until the city takes part")
    return _("Received")


def sentence_with_agency(with_name: str, without: str) -> Callable[[CityFacts, Payload], str]:
    """A sentence with the agency's name, and one for when there is none; both are msgids."""

    def say(city: CityFacts, data: Payload) -> str:
        agency = agency_name(city, data.get("now") or {})
        return _(with_name) % {"agency": agency} if agency else _(without)

    return say


def plain_sentence(msgid: str) -> Callable[[CityFacts, Payload], str]:
    return lambda _city, _data: _(msgid)


def _hold_sentence(city: CityFacts, data: Payload) -> str:
    if not data.get("until"):
        return _("The case was put on hold")
    return _("Put on hold until %(day)s") % {"day": day(datetime.fromisoformat(data["until"]), city.tz)}


def _reroute_sentence(city: CityFacts, data: Payload) -> str:
    names = {"old": agency_name(city, data.get("was") or {}), "new": agency_name(city, data["now"])}
    return _("Passed on from %(old)s to %(new)s") % names if names["old"] else _("Passed on to %(new)s") % names


def _category_sentence(city: CityFacts, data: Payload) -> str:
    was, now = data["was"], data["now"]
    names = {"old": category_label(city, was), "new": category_label(city, now)}
    sentences = [_("Category corrected from %(old)s to %(new)s") % names]
    if now["agency"] != was["agency"]:
        sentences.append(_("Passed on to %(new)s") % {"new": agency_name(city, now)})
    if now["due_at"] and now["due_at"] != was["due_at"]:
        sentences.append(_("Deadline: %(day)s") % {"day": day(datetime.fromisoformat(now["due_at"]), city.tz)})
    return ". ".join(sentences)


def category_label(city: CityFacts, facts: Payload) -> str:
    category = city.categories.get(facts["category"])
    return category.label if category else ""


def _merge_sentence(city: CityFacts, data: Payload) -> str:
    if not data.get("into"):
        return _("Merged with another report of the same problem")
    code = report_code(city.code_prefix, data["into"])
    return _("Merged with %(code)s, a report of the same problem") % {"code": code}


def _rule_sentence(rule: EventRule) -> SentenceWriter:
    if rule.sentence_with_agency:
        return sentence_with_agency(rule.sentence_with_agency, rule.sentence)
    return plain_sentence(rule.sentence)


# The table's own sentences, and those that need more than an agency's name. Written when a page is shown, not when the
# event happens: a reader's language is not the actor's.
SENTENCES: dict[str, SentenceWriter] = {
    **{event: _rule_sentence(rule) for event, rule in EVENT_RULES.items() if rule.sentence},
    "report.submitted": _submission_sentence,
    "report.held": _hold_sentence,
    "report.rerouted": _reroute_sentence,
    "report.recategorised": _category_sentence,
    "report.merged": _merge_sentence,
}
