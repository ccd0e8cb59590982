"""Verbs: add and change members, load a pack's demo people, record accesses, keep and answer data requests."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import in_city
from qlue.people.models import AGENCY_ROLES, AccessLog, DataRequest, Membership, Role, User
from qlue.people.queries import belongs_elsewhere


def add_user(
    *,
    city: CityFacts,
    username: str,
    role: str,
    agency: str = "",
    name: str = "",
    email: str = "",
    password: str | None = None,
) -> Membership:
    """A new member of `city`; the account is made when there is none with this username, else it is kept as it is.

    `agency` is the agency's slug. Without a password the person sets one through the reset mail. Raises
    ValidationError (unknown role or agency, weak password, already a member, bad username).
    """
    agency_id = _agency_id_for_role(city, role, agency)
    with transaction.atomic(), in_city(city.id):
        user = User.objects.filter(username=username).first()
        if user and Membership.objects.filter(city_id=city.id, user=user).exists():
            raise ValidationError(_("%(username)s is already a member.") % {"username": username})
        # One person, one account, in however many cities: an existing one keeps its name and its password.
        user = user or _new_account(username, name, email, password)
        return Membership.objects.create(city_id=city.id, user=user, agency_id=agency_id, role=role)


def _new_account(username: str, name: str, email: str, password: str | None) -> User:
    user = User(username=username, first_name=name, email=email)
    if password is not None:
        validate_password(password, user)
    # None makes a password that nothing matches: the person sets one through the reset mail.
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


def _agency_id_for_role(city: CityFacts, role: str, slug: str) -> int | None:
    """The agency's id; officers and heads need one, the others have none."""
    if role not in Role.values:
        roles = ", ".join(Role.values)
        raise ValidationError(_("There is no role %(role)s. Roles: %(known)s.") % {"role": role, "known": roles})
    # The table has the same rule as a constraint; here it is a sentence.
    if role not in AGENCY_ROLES:
        return None
    agency = city.agency(slug)
    if agency is None:
        raise ValidationError(_("%(city)s has no agency %(slug)s.") % {"city": city.name, "slug": slug or "''"})
    return agency.id


def load_demo_users(city: CityFacts, rows: Iterable[Mapping[str, str]]) -> int:
    """Members from a pack's users.csv (username, name, role, agency, password); returns how many are new.

    Idempotent: role, agency and name follow the file, a password is set only on a new account. The passwords of a
    demo are public, so they skip the rules for real ones.
    """
    with transaction.atomic(), in_city(city.id):
        return sum(_load_demo_user(city, row) for row in rows)


def _load_demo_user(city: CityFacts, row: Mapping[str, str]) -> bool:
    defaults = {
        "role": row["role"],
        "agency_id": _agency_id_for_role(city, row["role"], row.get("agency") or ""),
        "active": True,
    }
    user, is_new = User.objects.get_or_create(username=row["username"], defaults={"first_name": row["name"]})
    if is_new:
        user.set_password(row["password"])
        user.save(update_fields=["password"])
    return Membership.objects.update_or_create(city_id=city.id, user=user, defaults=defaults)[1]


def change_member(member: Membership, *, city: CityFacts, role: str, agency: str = "", active: bool) -> None:
    """Another role or agency, or the end of a membership. Raises ValidationError."""
    member.agency_id, member.role, member.active = _agency_id_for_role(city, role, agency), role, active
    member.save(update_fields=["agency", "role", "active"])


def set_member_password(member: Membership, password: str) -> None:
    """A new password for a member who cannot get one by mail; ends the person's sessions. Raises ValidationError.

    Refused for people of other cities too, also for those on leave there: one city's administrator must not get a hold
    on another's rights.
    """
    user = member.user
    if belongs_elsewhere(user, member.city_id):
        raise ValidationError(_("%(name)s works in other cities too: use the reset by e-mail.") % {"name": user})
    validate_password(password, user)
    # Django's sessions carry a hash of the password, so a new one ends them all.
    user.set_password(password)
    user.save(update_fields=["password"])


def record_access(member: Membership, report_id: int, subject: str) -> None:
    """Records that `member` opened what is hidden from others; `subject`: what, such as 'reporter' or 'photo'."""
    AccessLog.objects.create(
        city_id=member.city_id, user_id=member.user_id, report_id=report_id, what=subject, at=now()
    )


# UU PDP 27/2022: 3 x 24 hours, which run through nights and holidays.
TIME_TO_ANSWER = timedelta(hours=72)


def create_data_request(city: CityFacts, reach: str, wish: str, words: str) -> DataRequest:
    """Stores a request, due within the time of the law."""
    at = now()
    fields = {"reach": reach, "wish": wish, "words": words, "asked_at": at, "due_at": at + TIME_TO_ANSWER}
    return DataRequest.objects.create(city_id=city.id, **fields)


def answer_data_request(city: CityFacts, number: int, actor: Membership | None, answer: str) -> bool:
    """Closes a request, once, with what was done about it; False when it was closed already."""
    with transaction.atomic():
        data_request = (
            DataRequest.objects.select_for_update().filter(city_id=city.id, pk=number, answered_at=None).first()
        )
        if data_request is None:
            return False
        data_request.answered_at, data_request.answer = now(), answer
        data_request.answered_by = actor.user if actor else None
        # Who asked need not be kept any longer; the rest of the address lets the person be recognised who asks again.
        data_request.reach, data_request.words = f"{data_request.reach[:2]}•••{data_request.reach[-3:]}", ""
        data_request.save()
    return True
