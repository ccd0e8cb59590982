"""`/<city>/data-saya/`: ask for the own data without a link; `/<city>/kerja/data-pribadi/`: where it is answered."""

from hashlib import blake2b
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.channels.actions.links import LEAST_DIGITS, reports_of, send_links
from qlue.channels.actions.watching import forget_watcher
from qlue.channels.reading.watching import watched_by
from qlue.cities.facts import CityFacts
from qlue.kit.http import problem
from qlue.kit.rate import Limit, spend_each
from qlue.people.actions import answer_data_request, ask_for_data, record_look
from qlue.people.models import DataRequest, Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.reports.actions import erase

ASKING = Limit(5, 3600)  # for each address of the net
ABOUT = Limit(3, 86_400)  # letters that strangers can have sent to one e-mail address
SHOWN = 100


class AskForm(forms.Form):
    """Who asks and for what."""

    reach = forms.CharField(
        label=gettext_lazy("E-mail or telephone that you left with your report"),
        max_length=200,
        error_messages={"required": gettext_lazy("Give the e-mail address or the telephone number.")},
    )
    wish = forms.ChoiceField(
        label=gettext_lazy("What shall we do?"),
        choices=DataRequest.Wish.choices,
        widget=forms.RadioSelect,
        initial="links",
    )
    words = forms.CharField(
        label=gettext_lazy("Anything that we should know"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_reach(self) -> str:
        reach: str = self.cleaned_data["reach"].strip()
        if "@" in reach:
            forms.EmailField().clean(reach)
        elif sum(map(str.isdigit, reach)) < LEAST_DIGITS:
            raise forms.ValidationError(_("Give an e-mail address, or a telephone number with all its digits."))
        return reach


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def data_ask(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The answer is the same whether we know the address or not: nobody finds out who reports."""
    here: CityFacts = request.city  # type: ignore[attr-defined]
    form = AskForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "channels/data_ask.html", {"form": form}, status=422 if form.is_bound else 200)
    clean = form.cleaned_data
    asked_for = blake2b(clean["reach"].lower().encode(), digest_size=12).hexdigest()  # limits hold nobody's address
    uses = {f"data:{request.address}": ASKING, f"data:{here.id}:{asked_for}": ABOUT}  # type: ignore[attr-defined]
    if wait := spend_each(uses):
        return _too_many(request, form, wait)
    asked = ask_for_data(here, clean["reach"], clean["wish"], clean["words"])
    if send_links(here, clean["reach"], asked.pk):
        answer_data_request(here, asked.pk, None, _("The links went to the address itself."))
    return HttpResponseRedirect(f"{request.path}?terkirim=1", status=303)


def _too_many(request: HttpRequest, form: AskForm, wait: int) -> HttpResponse:
    form.add_error(None, _("Too many requests came from here. Please try again later."))
    answer = render(request, "channels/data_ask.html", {"form": form}, status=429)
    answer.headers["Retry-After"] = str(wait)
    return answer


@never_cache
@require_safe
@member_required("handle_personal_data")
def data_requests(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Open requests by deadline; what belongs to the address of one is shown on asking, and that is written down."""
    here, member = city_and_member(request)
    every = DataRequest.objects.filter(city_id=here.id)
    opened = request.GET.get("buka", "")
    waiting = [
        _row(here, member, one, opened == str(one.pk)) for one in every.filter(answered_at=None).order_by("due_at")
    ]
    done = every.exclude(answered_at=None).order_by("-answered_at")[:SHOWN]
    return render(request, "channels/data_requests.html", {"waiting": waiting, "done": done})


def _row(city: CityFacts, member: Membership, one: DataRequest, opened: bool) -> dict[str, Any]:
    found = reports_of(city, one.reach) if opened else []
    for number, _code, _link in found:
        record_look(member, number, "personal")
    watched = watched_by(city, one.reach) if opened else []
    return {"request": one, "opened": opened, "found": found, "watched": watched}


@never_cache
@require_POST
@member_required("handle_personal_data")
def data_request_end(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """Closes a request with words about what was done; `erase` first erases every report of the address."""
    here, member = city_and_member(request)
    words = request.POST.get("answer", "").strip()[:500]
    if not words:
        return problem(422, "invalid", _("Say in a few words what was done."))
    one = DataRequest.objects.filter(city_id=here.id, pk=number, answered_at=None).first()
    if one and request.POST.get("erase") and one.wish == DataRequest.Wish.ERASE:
        for report, _code, _link in reports_of(here, one.reach):
            erase(here, report, member)
        forget_watcher(here, one.reach)
    if one and answer_data_request(here, number, member, words):
        messages.success(request, _("The request is answered."))
    return redirect("data-requests", city_slug=here.slug)
