"""`POST /<city>/laporan/<code>/dukung/`: a neighbour says "me too", or "it is not done"."""

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from qlue.cities.facts import CityRequest
from qlue.kit.ids import report_id
from qlue.kit.text import one_line
from qlue.reports.actions import ME_TOO, NOT_DONE, ActionRefused, add_support
from qlue.reports.actions.limits import SUPPORT_LIMITS
from qlue.reports.presentation.cards import report_url
from qlue.reports.views.common import device_of, name_device, refused, seconds_until_allowed
from qlue.reports.views.page import missing_report
from qlue.web.formats import span

MOST_SAID = 500  # characters


@csrf_exempt  # nobody is signed in here: a forged one would be a stranger's voice, and strangers may speak anyway
@require_POST
def voice(request: CityRequest, city_slug: str, code: str) -> HttpResponse:
    """Leads back to the report's page with thanks; the second time changes nothing."""
    facts, device = request.city, device_of(request)
    if wait := seconds_until_allowed(request, "voice", SUPPORT_LIMITS, device=device):
        words = _("Please wait %s, then try again.") % span(wait)
        return refused(request, 429, "too-many", _("Many answers came from here."), words)
    answer = HttpResponseRedirect(report_url(facts, code) + "#dukungan", status=303)
    device = name_device(request, answer, device)
    try:
        # A code that is none becomes report 0, which no city has: it is answered like any unknown report.
        opinion, words = _opinion_of(request)
        add_support(city=facts, report_id=report_id(code) or 0, device=device, opinion=opinion, words=words)
    except (ActionRefused, RequestDataTooBig):
        return missing_report(request, code)
    thanks = {
        ME_TOO: _("Thank you. The agency sees that you need this too."),
        NOT_DONE: _("Thank you. The agency is told."),
    }
    messages.success(request, thanks[opinion])
    return answer


def _opinion_of(request: HttpRequest) -> tuple[str, str]:
    opinion = NOT_DONE if request.POST.get("said") == NOT_DONE else ME_TOO
    words = one_line(request.POST.get("words", "").replace("\0", ""))[:MOST_SAID]
    # "Me too" needs no words, and a stranger's text without a purpose is only a place for abuse.
    return opinion, words if opinion == NOT_DONE else ""
