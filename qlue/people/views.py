"""Pages about oneself and, for administrators, about the members of a city."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from qlue.cities.facts import CityFacts, CityRequest, facts_by_id
from qlue.people import actions
from qlue.people.forms import AccountForm, MemberForm
from qlue.people.models import Membership, Role, User
from qlue.people.queries import city_members, member_of, memberships_of
from qlue.people.rights import may, member_required, to_sign_in

YEAR = 365 * 86400  # seconds


@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Who I am here, where I may work, and in which language."""
    user = request.user
    if not isinstance(user, User):
        return to_sign_in(request)
    form = AccountForm(request.POST or None, initial={"language": user.language or settings.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        return _remember_language(request, user, form.cleaned_data["language"])
    return render(request, "people/profile.html", {"form": form, "places": _membership_rows(user)})


def _membership_rows(user: User) -> list[dict[str, object]]:
    """City, role and agency of each membership, in words."""
    pairs = ((membership, facts_by_id(membership.city_id)) for membership in memberships_of(user))
    return [
        {
            "city": city,
            "role": membership.get_role_display(),
            "agency": city.agencies.get(membership.agency_id or 0),
            "manages": may(membership, "manage_users"),
        }
        for membership, city in pairs
        if city
    ]


def _remember_language(request: HttpRequest, user: User, language: str) -> HttpResponse:
    """On the account, and on this device at once."""
    User.objects.filter(pk=user.pk).update(language=language)
    messages.success(request, _("Saved."))
    response = redirect("profile")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=request.is_secure()
    )
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@member_required("manage_users")
def members_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """The members of a city, and a form for a new one."""
    city = request.city
    form = MemberForm(city, request.POST or None)
    if request.method == "POST" and form.is_valid() and _try_add_member(city, form):
        messages.success(request, _("%(name)s can sign in now.") % {"name": form.cleaned_data["name"]})
        return redirect("members", city_slug=city.slug)
    context = {"form": form, "members": city_members(city.id), "roles": Role.choices, "agencies": city.open_agencies}
    return render(request, "people/members.html", context, status=422 if form.errors else 200)


def _try_add_member(city: CityFacts, form: MemberForm) -> bool:
    try:
        actions.add_user(city=city, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    return True


@require_POST
@member_required("manage_users")
def member_change(request: CityRequest, city_slug: str, member_id: int) -> HttpResponse:
    """Another role or agency for a member, or the end of the membership; nobody changes the own one."""
    fields = {"role": request.POST.get("role", ""), "agency": request.POST.get("agency", "")}
    active = request.POST.get("active") == "1"
    return _apply_member_change(
        request,
        lambda: actions.change_member(_other_member(request, member_id), city=request.city, active=active, **fields),
    )


@require_POST
@member_required("manage_users")
def member_password(request: CityRequest, city_slug: str, member_id: int) -> HttpResponse:
    """A new password for a member who forgot theirs and has no e-mail address here."""
    password = request.POST.get("password", "")
    return _apply_member_change(
        request, lambda: actions.set_member_password(_other_member(request, member_id), password)
    )


def _other_member(request: CityRequest, member_id: int) -> Membership:
    """A member of this city who is not oneself."""
    me = member_of(request)
    # Else the last administrator could lock the city out by one wrong choice.
    if me and me.pk == member_id:
        raise ValidationError(_("Another administrator has to change your own role."))
    return get_object_or_404(Membership.objects.select_related("user"), pk=member_id, city_id=request.city.id)


def _apply_member_change(request: CityRequest, change: Callable[[], None]) -> HttpResponse:
    """Makes the change, says how it went, and shows the list again."""
    try:
        change()
        messages.success(request, _("Saved."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("members", city_slug=request.city.slug)
