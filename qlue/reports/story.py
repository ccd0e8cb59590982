"""What happened to a report, in sentences: who stands there with role and agency, never with a name."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_code
from qlue.people.models import AGENCY_ROLES, Role
from qlue.reports.cards import COLOUR_ICONS, photo_url, report_url
from qlue.reports.states import COLOURS
from qlue.web.formats import day

Data = Mapping[str, Any]

ICONS = {
    "report.submitted": "send",
    "report.imported": "file-import",
    "report.accepted": "clipboard-check",
    "report.assigned": "user-check",
    "report.started": "tool",
    "report.held": "player-pause",
    "report.resumed": "player-play",
    "report.resolved": "circle-check",
    "report.settled": "circle-check",
    "report.measured": "access-point",
    "report.rejected": "circle-x",
    "report.rerouted": "arrows-exchange",
    "report.recategorised": "tag",
    "report.handed_over": "arrow-forward-up",
    "report.confirmed": "checks",
    "report.disputed": "refresh-alert",
    "report.sent_back": "arrow-back-up",
    "report.merged": "git-merge",
    "report.served": "building-community",
    "report.erased": "eraser",
    "report.corrected": "pencil",
    "report.supported": "users-plus",
    "report.doubted": "user-question",
}


Say = Callable[[CityFacts, Data], str]
INSIDE = {"report.supported", "report.corrected"}  # kinds that only staff read


def add_sentences(sentences: Mapping[str, Say], icons: Mapping[str, str], inside: Iterable[str]) -> None:
    """What a room above has to tell of a report; each says it once, while Qlue starts. `inside`: for staff only."""
    SENTENCES.update(sentences)
    ICONS.update(icons)
    INSIDE.update(inside)


# The way of a report that is worked on; ends without work have none.
STEPS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (pgettext_lazy("step", "Reported"), "send", ("received", "routed")),
    (pgettext_lazy("step", "In work"), "tools", ("accepted", "in_progress", "on_hold", "reopened")),
    (pgettext_lazy("step", "Done"), "circle-check", ("resolved",)),
    (pgettext_lazy("step", "Confirmed"), "checks", ("confirmed",)),
)


def way_of(status: str) -> list[dict[str, Any]]:
    """The four steps of a report with where it stands: `done`, `here` or `next`; [] for ends without work."""
    at = next((i for i, (_word, _icon, states) in enumerate(STEPS) if status in states), None)
    if at is None:
        return []
    last = len(STEPS) - 1
    places = ["done" if i < at or i == at == last else "here" if i == at else "next" for i in range(len(STEPS))]
    return [
        {"word": word, "icon": icon, "place": place} for (word, icon, _states), place in zip(STEPS, places, strict=True)
    ]


def story_of(city: CityFacts, happenings: Iterable[Mapping[str, Any]], *, secret: bool = False) -> list[dict[str, Any]]:
    """A report's timeline as everybody reads it; `secret` gives photos the address that opens them when private."""
    return [happening_line(city, one, secret=secret) for one in happenings if one["kind"] not in INSIDE]


def happening_line(city: CityFacts, happening: Mapping[str, Any], *, secret: bool = False) -> dict[str, Any]:
    """One row of `reading.happening_rows` as `{icon, colour, words, at, who, photos, text, link}`.

    `words` is our sentence, `text` what somebody wrote (a reason, an answer). A kind of happening that is unknown
    here gets a general sentence, so that a newer part of the product cannot break a page.
    """
    kind, data = str(happening["kind"]), happening["data"]
    say = SENTENCES.get(kind, _plain(gettext_noop("Something changed")))
    colour = COLOURS.get((data.get("now") or {}).get("status", ""), "")
    return {
        "icon": ICONS.get(kind, COLOUR_ICONS.get(colour, "point")),
        "colour": colour,
        "words": say(city, data),
        "at": happening["at"],
        "who": who(city, happening),
        "photos": [_picture(city, photo, secret) for photo in data.get("photos", ())],
        "text": data.get("words") or data.get("reason") or "",
        "link": report_url(city, report_code(city.code_prefix, data["into"])) if data.get("into") else "",
    }


def who(city: CityFacts, happening: Mapping[str, Any]) -> str:
    """The role behind a happening as the public reads it."""
    role, data = happening["role"], happening["data"]
    if happening["kind"] == "report.submitted":
        return _channel_words(data.get("channel", "web"))
    if role in AGENCY_ROLES:
        return _agency(city, data.get("was") or data.get("now") or data) or _("Agency")
    return {Role.OPERATOR: _("City operator"), "reporter": _("The reporter"), "resident": _("Resident")}.get(
        role, _("Qlue, automatically")
    )


def _channel_words(channel: str) -> str:
    known = {
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
    return known.get(channel, channel)


def _picture(city: CityFacts, photo: str, secret: bool) -> dict[str, str]:
    return {
        "url": photo_url(city, photo, "medium", secret=secret),
        "large": photo_url(city, photo, "large", secret=secret),
        "alt": _("Photo of the finished work"),
    }


def _agency(city: CityFacts, facts: Data) -> str:
    found = city.agencies.get(facts.get("agency") or 0)
    return found.name if found else ""


def _submitted(city: CityFacts, data: Data) -> str:
    agency = _agency(city, data["now"])
    if agency:
        return _("Received and passed on to %(agency)s") % {"agency": agency}
    if data["now"]["status"] == "unserved":
        return _("Received; kept until the city takes part")
    return _("Received")


def _by_agency(with_name: str, without: str) -> Callable[[CityFacts, Data], str]:
    """A sentence with the agency's name, and one for when there is none; both are msgids."""

    def say(city: CityFacts, data: Data) -> str:
        agency = _agency(city, data.get("now") or {})
        return _(with_name) % {"agency": agency} if agency else _(without)

    return say


def _plain(msgid: str) -> Callable[[CityFacts, Data], str]:
    return lambda _city, _data: _(msgid)


def _held(city: CityFacts, data: Data) -> str:
    if not data.get("until"):
        return _("The case was put on hold")
    return _("Put on hold until %(day)s") % {"day": day(datetime.fromisoformat(data["until"]), city.tz)}


def _rerouted(city: CityFacts, data: Data) -> str:
    names = {"old": _agency(city, data.get("was") or {}), "new": _agency(city, data["now"])}
    return _("Passed on from %(old)s to %(new)s") % names if names["old"] else _("Passed on to %(new)s") % names


def _recategorised(city: CityFacts, data: Data) -> str:
    was, now = data["was"], data["now"]
    names = {"old": _category(city, was), "new": _category(city, now)}
    said = [_("Category corrected from %(old)s to %(new)s") % names]
    if now["agency"] != was["agency"]:
        said.append(_("Passed on to %(new)s") % {"new": _agency(city, now)})
    if now["due_at"] and now["due_at"] != was["due_at"]:
        said.append(_("Deadline: %(day)s") % {"day": day(datetime.fromisoformat(now["due_at"]), city.tz)})
    return ". ".join(said)


def _category(city: CityFacts, facts: Data) -> str:
    found = city.categories.get(facts["category"])
    return found.label if found else ""


def _merged(city: CityFacts, data: Data) -> str:
    if not data.get("into"):
        return _("Merged with another report of the same problem")
    code = report_code(city.code_prefix, data["into"])
    return _("Merged with %(code)s, a report of the same problem") % {"code": code}


SENTENCES: dict[str, Say] = {
    "report.submitted": _submitted,
    "report.imported": _plain(gettext_noop("Taken over from the city's earlier system")),
    "report.accepted": _by_agency(gettext_noop("Accepted by %(agency)s"), gettext_noop("Accepted")),
    "report.assigned": _plain(gettext_noop("A crew was assigned")),
    "report.started": _plain(gettext_noop("Work has begun")),
    "report.held": _held,
    "report.resumed": _plain(gettext_noop("Work goes on")),
    "report.resolved": _by_agency(gettext_noop("Resolved by %(agency)s"), gettext_noop("Resolved")),
    "report.settled": _plain(gettext_noop("The sensor measures normal values again: resolved by itself")),
    "report.measured": _plain(gettext_noop("News from the sensor")),
    "report.rejected": _plain(gettext_noop("Rejected")),
    "report.rerouted": _rerouted,
    "report.recategorised": _recategorised,
    "report.handed_over": _plain(gettext_noop("Outside the city's authority, handed over")),
    "report.confirmed": _plain(gettext_noop("Confirmed as done")),
    "report.disputed": _plain(gettext_noop("Not done yet, says the reporter: reopened")),
    "report.sent_back": _plain(gettext_noop("The proof of the work was not enough: sent back to the crew")),
    "report.merged": _merged,
    "report.served": _by_agency(
        gettext_noop("The city takes part now: passed on to %(agency)s"), gettext_noop("The city takes part now")
    ),
    "report.erased": _plain(gettext_noop("The reporter's data was erased, as the reporter wished")),
    "report.corrected": _plain(gettext_noop("The reporter's contact was put right")),
    "report.supported": _plain(gettext_noop("One more resident says “me too”")),
    "report.doubted": _plain(gettext_noop("A neighbour says that it is not done")),
}
