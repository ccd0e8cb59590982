"""`/<city>/pesan/`: words in, words out, what nobody understood, what could not be delivered."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.channels.actions.inbox import answer_again, drop, read_again
from qlue.channels.actions.outbox import send_again
from qlue.channels.models import Envelope, Inbound, Outbound
from qlue.channels.reading.lines import lines_of
from qlue.channels.reading.messages import PAGE, TROUBLED, Row, counts, incoming, outgoing, quarantine
from qlue.channels.views.common import CHANNELS, KINDS, STATES, masked
from qlue.channels.wires import channel_of
from qlue.cities.facts import CityFacts
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required

# slug -> (icon, word, which count stands beside it)
TABS = {
    "masuk": ("inbox", gettext_lazy("Came in"), "today"),
    "keluar": ("send", gettext_lazy("Went out"), "waiting"),
    "karantina": ("alert-triangle", gettext_lazy("Quarantine"), "quarantine"),
    "gagal": ("circle-x", gettext_lazy("Not delivered"), "lost"),
}
MOST_AGAIN = 1000


@never_cache
@require_safe
@member_required("see_messages")
def messages(request: HttpRequest, city_slug: str) -> HttpResponse:
    """One of four lists, and above it how each line does."""
    here, member = city_and_member(request)
    tab = request.GET.get("tab", "masuk")
    if tab not in TABS:
        raise Http404(tab)
    numbers, clear = counts(here), may(member, "see_reporter")
    context = _list(here, tab, _number(request), clear) | {
        "tab": tab,
        "tabs": [_tab(here, slug, numbers, tab) for slug in TABS],
        "lines": [_line(line) for line in lines_of(here) if line["on"] or line["line"] or line["refused"]],
        "numbers": numbers,
        "manages": may(member, "manage_messages"),
    }
    return render(request, "channels/messages.html", context)


def _number(request: HttpRequest) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _tab(city: CityFacts, slug: str, numbers: dict[str, int], current: str) -> dict[str, Any]:
    icon, word, count = TABS[slug]
    url = f"{reverse('messages', kwargs={'city_slug': city.slug})}?tab={slug}"
    return {"icon": icon, "word": word, "n": numbers[count], "url": url, "current": slug == current}


def _list(city: CityFacts, tab: str, after: int, clear: bool) -> dict[str, Any]:
    if tab == "karantina":
        envelopes, bad = quarantine(city)
        return {"envelopes": [_shown(city, one, clear) for one in envelopes], "rows": _all(city, bad, clear)}
    if tab == "masuk":
        found = incoming(city, after=after)
    else:
        found = outgoing(city, after=after, states=TROUBLED) if tab == "gagal" else outgoing(city, after=after)
    more = f"?{urlencode({'tab': tab, 'after': found[PAGE - 1]['id']})}" if len(found) > PAGE else ""
    return {"rows": _all(city, found[:PAGE], clear), "next_url": more, "first_url": f"?tab={tab}" if after else ""}


def _all(city: CityFacts, found: list[Row], clear: bool) -> list[Row]:
    return [_shown(city, one, clear) for one in found]


def _shown(city: CityFacts, one: Row, clear: bool) -> Row:
    icon, word = CHANNELS[one["channel"]]
    colour, sign, state_word = STATES[one.get("state", "quarantine")]
    sender = one.get("sender", "")
    return one | {
        "icon": icon,
        "channel_word": word,
        "colour": colour,
        "sign": sign,
        "state_word": state_word,
        "sender": sender if clear or not sender else masked(sender),
        "raw": one.get("raw", "") if clear else "",
        "report_url": reverse("case", kwargs={"city_slug": city.slug, "code": one["code"]}) if one["code"] else "",
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    """A line as the desk shows it: red while it fails, with since when and why."""
    failing = bool(line.get("failures"))
    told = {"icon": CHANNELS[_channel(line)][0], "word": KINDS[line["kind"]], "failing": failing}
    told["turned_away"] = [(REASONS.get(reason, reason), n) for reason, n, _last in line["refused"]]
    return line | told


def _channel(line: dict[str, Any]) -> str:
    return channel_of(line["kind"])


REASONS = {
    "signature": gettext_lazy("wrongly signed"),
    "repeated": gettext_lazy("repeated"),
    "too-large": gettext_lazy("too large"),
    "unknown-receipt": gettext_lazy("about unknown messages"),
}


@never_cache
@require_POST
@member_required("manage_messages")
def message_again(request: HttpRequest, city_slug: str, what: str, number: int) -> HttpResponse:
    """Try again, or leave aside: an envelope, a message that came, a message of ours; 0 is all that failed."""
    here, _member = city_and_member(request)
    if what not in AGAIN:
        raise Http404(what)
    AGAIN[what](request, here, number)
    return redirect(f"{reverse('messages', kwargs={'city_slug': here.slug})}?tab={TAB_OF[what]}")


def _envelope(request: HttpRequest, city: CityFacts, number: int) -> None:
    if "drop" in request.POST:
        drop(city, Envelope, number)
        notes.success(request, _("Left aside."))
    elif read_again(city, number):
        notes.success(request, _("It could be read now."))
    else:
        notes.warning(request, _("It still cannot be read."))


def _inbound(request: HttpRequest, city: CityFacts, number: int) -> None:
    if "drop" in request.POST:
        drop(city, Inbound, number)
        notes.success(request, _("Left aside."))
    else:
        answer_again(city, number)
        notes.success(request, _("It is being answered again."))


def _outbound(request: HttpRequest, city: CityFacts, number: int) -> None:
    lost = Outbound.objects.filter(city_id=city.id, state="gave_up").order_by("id").values_list("id", flat=True)
    n = send_again(city, [number] if number else list(lost[:MOST_AGAIN]))
    notes.success(request, ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", n) % {"n": n})


AGAIN = {"amplop": _envelope, "masuk": _inbound, "keluar": _outbound}
TAB_OF = {"amplop": "karantina", "masuk": "karantina", "keluar": "gagal"}
