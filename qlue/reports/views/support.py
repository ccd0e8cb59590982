"""`POST /<city>/laporan/<code>/dukung/`: a neighbour says "me too", or "it is not done"."""

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from qlue.kit.ids import report_id
from qlue.reports.actions import NOT_DONE, TOO, Refused, support
from qlue.reports.actions.text import one_line
from qlue.reports.cards import report_url
from qlue.reports.limits import VOICES
from qlue.reports.views.common import city_in, device_of, name_device, refused, wait_of
from qlue.reports.views.page import missing
from qlue.web.formats import span

MOST_SAID = 500  # characters


@csrf_exempt  # nobody is signed in here: a forged one would be a stranger's voice, and strangers may speak anyway
@require_POST
def voice(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """Leads back to the report's page with thanks; the second time changes nothing."""
    facts, device = city_in(request), device_of(request)
    if wait := wait_of(request, "voice", VOICES, device=device):
        words = _("Please wait %s, then try again.") % span(wait)
        return refused(request, 429, "too-many", _("Many answers came from here."), words)
    answer = HttpResponseRedirect(report_url(facts, code) + "#dukungan", status=303)
    device = name_device(request, answer, device)
    try:
        said, words = _said(request)
        support(city=facts, report_id=report_id(code) or 0, device=device, said=said, words=words)
    except (Refused, RequestDataTooBig):
        return missing(request, code)
    thanks = {
        TOO: _("Thank you. The agency sees that you need this too."),
        NOT_DONE: _("Thank you. The agency is told."),
    }
    messages.success(request, thanks[said])
    return answer


def _said(request: HttpRequest) -> tuple[str, str]:
    said = NOT_DONE if request.POST.get("said") == NOT_DONE else TOO
    words = one_line(request.POST.get("words", "").replace("\0", ""))[:MOST_SAID]
    return said, words if said == NOT_DONE else ""
