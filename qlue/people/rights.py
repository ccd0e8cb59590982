"""Who may do what: the one table of the whole product, and the gate in front of views.

The rule behind the table: whoever works in the field sees neither who reported nor the original photos of a private
report (an officer once showed a reporter's photo to the neighbour she had reported). Nobody confirms work but the
reporter, or an operator who has the reporter on the telephone. Leadership reads and moves nothing; an administrator
manages people and packs and moves nothing either.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from qlue.people.models import Membership, Role
from qlue.people.queries import administrator_names, member_of
from qlue.web.queries import is_from_outbox

View = Callable[..., HttpResponseBase]

FIELD_WORK: Final = frozenset({"work_in_field"})
CALLED: Final = frozenset({"dispatch"})  # see to an emergency: be called, and take it by name
LEADING: Final = frozenset({"transfer", "lead_crews", "review_proof"})
READING: Final = frozenset({"see_queue", "see_dashboard_staff", "see_things", "see_data"})
OVERSEEING: Final = frozenset({"see_scorecards", "see_insight", "see_cameras", "see_messages"})
OPERATING: Final = frozenset({"moderate", "see_reporter", "judge_events", "handle_alarms", "answer_calls"})
MANAGING: Final = frozenset(
    {"manage_users", "manage_pack", "open311_keys", "manage_cameras", "manage_things", "manage_data", "manage_messages"}
)
DECIDING: Final = frozenset({"decide_policy", "arbitrate"})

# see_private: the original photos of private reports. see_reporter: name, telephone and e-mail of who reported.
# transfer: ask another agency to take a case, and answer for one's own; reroute: give it away at once, unasked.
# arbitrate: decide which agency takes what two have refused. handle_personal_data: export, correct, erase.
# The verbs of reports come from their table (`reports.states.TABLE`), by `grant_verb`.
RIGHTS: Final[dict[str, frozenset[str]]] = {
    Role.OFFICER: FIELD_WORK | CALLED | READING,
    Role.HEAD: FIELD_WORK | CALLED | LEADING | READING | OVERSEEING | {"see_private", "handle_alarms"},
    Role.OPERATOR: LEADING
    | CALLED
    | READING
    | OVERSEEING
    | OPERATING
    | {"see_private", "see_all_agencies", "arbitrate", "handle_personal_data", "manage_cameras"},
    Role.MAYOR: CALLED | READING | OVERSEEING | DECIDING | {"see_private", "see_all_agencies"},
    Role.ADMIN: READING | OVERSEEING | MANAGING | {"see_all_agencies", "handle_personal_data"},
}
VERBS: Final = set[str]().union(*RIGHTS.values())

# Verbs that ask for the report's agency; the others hold for the city as a whole.
OF_AN_AGENCY: Final = set(FIELD_WORK | CALLED | LEADING | {"see_queue", "see_private", "see_reporter"})


def grant_verb(verb: str, roles: Iterable[str]) -> None:
    """Enters a verb of a room above into the one table of rights, for matters of an agency; while Qlue starts."""
    for role in roles:
        RIGHTS[role] |= {verb}
    VERBS.add(verb)
    OF_AN_AGENCY.add(verb)


ANYWHERE: Final = -1


def may(member: Membership | None, verb: str, agency_id: int | None = ANYWHERE) -> bool:
    """True when `member` may do `verb` with what belongs to `agency_id`.

    Without `agency_id`: whether the member may do it for any agency at all. None means that no agency has it yet,
    which is a matter for those who see all agencies. An unknown verb is a programming error (KeyError).
    """
    if verb not in VERBS:
        raise KeyError(verb)
    if not member or not member.active or verb not in RIGHTS[member.role]:
        return False
    if agency_id == ANYWHERE or verb not in OF_AN_AGENCY or "see_all_agencies" in RIGHTS[member.role]:
        return True
    return agency_id is not None and agency_id == member.agency_id


def scope_of(member: Membership) -> int | None:
    """Whose matters a member sees: those of the own agency (its id), or all (None)."""
    return None if may(member, "see_all_agencies") else member.agency_id


def rights_of(member: Membership | None) -> frozenset[str]:
    """All verbs of a member, for templates that show or leave out buttons."""
    return RIGHTS[member.role] if member and member.active else frozenset()


def member_required(verb: str) -> Callable[[View], View]:
    """A view for members of the URL's city who may do `verb` at all.

    Anonymous callers go to sign in and come back; members without the right get a 403 page that says who can help.
    What belongs to another agency is the view's own question to `may`.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            return view(request, *args, **kwargs) if may(member_of(request), verb) else no_right(request)

        return guarded

    return gate


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Sends the caller to sign in, and afterwards back; a fragment's request moves the whole page.

    What a phone's outbox sends is answered 401: it keeps the letter and asks the person.
    """
    if is_from_outbox(request):
        return HttpResponse(status=401)
    target = f"{reverse('account_login')}?{urlencode({'next': _page_of(request)})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def _page_of(request: HttpRequest) -> str:
    """The page that the caller looks at: for a POST or a fragment that is the one it came from."""
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.get_full_path()
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return "/"
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def no_right(request: HttpRequest) -> HttpResponse:
    """403, with the names of those who can give the right."""
    context: dict[str, Any] = {"member": member_of(request), "helpers": administrator_names(request)}
    return render(request, "people/no_right.html", context, status=403)
