"""`/<city>/pesan/`: messages in, messages out, what could not be parsed, what could not be delivered."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.channels.actions.inbox import answer_again, ignore_quarantined, parse_again
from qlue.channels.actions.outbox import send_again
from qlue.channels.models import Inbound, Outbound, RawWebhook
from qlue.channels.presentation.messages import account_card, message_cards, webhook_card
from qlue.channels.queries.accounts import account_overview
from qlue.channels.queries.messages import (
    PAGE_SIZE,
    UNDELIVERED,
    inbound_page,
    message_counts,
    outbound_page,
    quarantined_messages,
    quarantined_webhooks,
)
from qlue.channels.records import MessageCounts
from qlue.cities.facts import CityFacts, CityRequest
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required


@dataclass(frozen=True)
class MessageTab:
    """A list of the desk and the count that stands beside its name."""

    icon: str
    label: object
    count: Callable[[MessageCounts], int]


# By the word in the address.
TABS = {
    "masuk": MessageTab("inbox", gettext_lazy("Came in"), lambda counts: counts.today),
    "keluar": MessageTab("send", gettext_lazy("Went out"), lambda counts: counts.waiting),
    "karantina": MessageTab("alert-triangle", gettext_lazy("Quarantine"), lambda counts: counts.quarantine),
    "gagal": MessageTab("circle-x", gettext_lazy("Not delivered"), lambda counts: counts.lost),
}
MAX_SENT_AGAIN = 1000  # with one press; each of them is a job


@never_cache
@require_safe
@member_required("see_messages")
def message_desk(request: CityRequest, city_slug: str) -> HttpResponse:
    """One of four lists, and above it how each account does."""
    city, member = city_and_member(request)
    tab = request.GET.get("tab", "masuk")
    if tab not in TABS:
        raise Http404(tab)
    counts, is_clear = message_counts(city), may(member, "see_reporter")
    context = _message_tab_context(city, tab, _after_id(request), is_clear) | {
        "tab": tab,
        "tabs": [_tab_link(city, slug, counts, tab) for slug in TABS],
        # Accounts that are neither connected nor entered nor called by anybody would only fill the page.
        "accounts": [
            account_card(status)
            for status in account_overview(city)
            if status.is_connected or status.account or status.refusals
        ],
        "numbers": counts,
        "manages": may(member, "manage_messages"),
    }
    return render(request, "channels/messages.html", context)


def _after_id(request: HttpRequest) -> int:
    text = request.GET.get("after", "")
    # Anything else starts at the first page; 18 digits and more would not fit a bigint.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


@dataclass(frozen=True)
class TabLink:
    """A tab as the page shows it."""

    icon: str
    label: object
    n: int
    url: str
    is_current: bool


def _tab_link(city: CityFacts, slug: str, counts: MessageCounts, current: str) -> TabLink:
    tab = TABS[slug]
    url = f"{reverse('messages', kwargs={'city_slug': city.slug})}?tab={slug}"
    return TabLink(tab.icon, tab.label, tab.count(counts), url, slug == current)


def _message_tab_context(city: CityFacts, tab: str, after: int, is_clear: bool) -> dict[str, object]:
    if tab == "karantina":
        return {
            "webhook_cards": [webhook_card(webhook, is_clear) for webhook in quarantined_webhooks(city)],
            "message_cards": message_cards(city, quarantined_messages(city), is_clear),
        }
    if tab == "masuk":
        records = inbound_page(city, after=after)
    else:
        records = (
            outbound_page(city, after=after, states=UNDELIVERED) if tab == "gagal" else outbound_page(city, after=after)
        )
    next_url = f"?{urlencode({'tab': tab, 'after': records[PAGE_SIZE - 1].id})}" if len(records) > PAGE_SIZE else ""
    return {
        "message_cards": message_cards(city, records[:PAGE_SIZE], is_clear),
        "next_url": next_url,
        "first_url": f"?tab={tab}" if after else "",
    }


@never_cache
@require_POST
@member_required("manage_messages")
def message_again(request: CityRequest, city_slug: str, row_kind: str, number: int) -> HttpResponse:
    """Tries a webhook, an incoming or an outgoing message again, or leaves it aside; `number` 0 is all that failed."""
    city, _member = city_and_member(request)
    if row_kind not in RETRY_VERBS:
        raise Http404(row_kind)
    RETRY_VERBS[row_kind](request, city, number)
    return redirect(f"{reverse('messages', kwargs={'city_slug': city.slug})}?tab={TAB_OF[row_kind]}")


def _retry_webhook(request: HttpRequest, city: CityFacts, webhook_id: int) -> None:
    if "drop" in request.POST:
        ignore_quarantined(city, RawWebhook, webhook_id)
        notes.success(request, _("Left aside."))
    elif parse_again(city, webhook_id):
        notes.success(request, _("It could be read now."))
    else:
        notes.warning(request, _("It still cannot be read."))


def _retry_inbound(request: HttpRequest, city: CityFacts, inbound_id: int) -> None:
    if "drop" in request.POST:
        ignore_quarantined(city, Inbound, inbound_id)
        notes.success(request, _("Left aside."))
    else:
        answer_again(city, inbound_id)
        notes.success(request, _("It is being answered again."))


def _retry_outbound(request: HttpRequest, city: CityFacts, outbound_id: int) -> None:
    lost_ids = Outbound.objects.filter(city_id=city.id, state="gave_up").order_by("id").values_list("id", flat=True)
    count = send_again(city, [outbound_id] if outbound_id else list(lost_ids[:MAX_SENT_AGAIN]))
    notes.success(
        request, ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", count) % {"n": count}
    )


# By the word in the address; where each of them is shown again.
RETRY_VERBS = {"amplop": _retry_webhook, "masuk": _retry_inbound, "keluar": _retry_outbound}
TAB_OF = {"amplop": "karantina", "masuk": "karantina", "keluar": "gagal"}
