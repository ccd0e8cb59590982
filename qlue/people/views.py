"""Pages about oneself and, for administrators, about the members of a city."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from qlue.cities.facts import CityFacts, facts_by_id
from qlue.people import actions
from qlue.people.forms import MemberForm, ProfileForm
from qlue.people.models import Membership, Role, User
from qlue.people.reading import city_of, member_of, memberships_of
from qlue.people.reading import members as members_of
from qlue.people.rights import may, member_required, to_sign_in

YEAR = 365 * 86400


@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Who I am here, where I may work, and in which language."""
    user = request.user
    if not isinstance(user, User):
        return to_sign_in(request)
    form = ProfileForm(request.POST or None, initial={"language": user.language or settings.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        return _remember_language(request, user, form.cleaned_data["language"])
    return render(request, "people/profile.html", {"form": form, "places": _places(user)})


def _places(user: User) -> list[dict[str, Any]]:
    """City, role and agency of each membership, in words."""
    found = ((one, facts_by_id(one.city_id)) for one in memberships_of(user))
    return [
        {
            "city": city,
            "role": one.get_role_display(),
            "agency": city.agencies.get(one.agency_id or 0),
            "manages": may(one, "manage_users"),
        }
        for one, city in found
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
def members(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The members of a city, and a form for a new one."""
    here = _city(request)
    form = MemberForm(here, request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(here, form):
        messages.success(request, _("%(name)s can sign in now.") % {"name": form.cleaned_data["name"]})
        return redirect("members", city_slug=here.slug)
    context = {"form": form, "members": members_of(here.id), "roles": Role.choices, "agencies": here.open_agencies}
    return render(request, "people/members.html", context, status=422 if form.errors else 200)


def _added(city: CityFacts, form: MemberForm) -> bool:
    try:
        actions.add_user(city=city, **form.cleaned_data)
    except ValidationError as wrong:
        form.add_error(None, wrong.messages)
        return False
    return True


@require_POST
@member_required("manage_users")
def member_change(request: HttpRequest, city_slug: str, member_id: int) -> HttpResponse:
    """Another role or agency for a member, or the end of the membership; nobody changes the own one."""
    here = _city(request)
    wanted = {"role": request.POST.get("role", ""), "agency": request.POST.get("agency", "")}
    active = request.POST.get("active") == "1"
    return _done(request, lambda: actions.change_member(_other(request, member_id), city=here, active=active, **wanted))


@require_POST
@member_required("manage_users")
def member_password(request: HttpRequest, city_slug: str, member_id: int) -> HttpResponse:
    """A new password for somebody who forgot theirs and has no e-mail address here."""
    password = request.POST.get("password", "")
    return _done(request, lambda: actions.give_password(_other(request, member_id), password))


def _other(request: HttpRequest, member_id: int) -> Membership:
    """A member of this city who is not oneself."""
    me = member_of(request)
    if me and me.pk == member_id:
        raise ValidationError(_("Another administrator has to change your own role."))
    return get_object_or_404(Membership.objects.select_related("user"), pk=member_id, city_id=_city(request).id)


def _done(request: HttpRequest, change: Callable[[], None]) -> HttpResponse:
    """Does it, says how it went, and shows the list again."""
    try:
        change()
        messages.success(request, _("Saved."))
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
    return redirect("members", city_slug=_city(request).slug)


def _city(request: HttpRequest) -> CityFacts:
    found = city_of(request)
    assert found is not None  # the gate lets nobody in outside a city
    return found
