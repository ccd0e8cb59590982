"""What the city decides: to do what was recommended, not to, or to record what it did before. Each is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from qlue.cities.facts import CityFacts
from qlue.insight.models import Decision, Intervention, Option
from qlue.insight.reading.library import NAMES, Act
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.timeline.actions import record

State = Decision.State


@dataclass(frozen=True)
class Deed:
    """What was or will be done. `request` is the form's own number: sent twice it counts once."""

    request: UUID
    intervention: str
    name: str
    category: int
    areas: Sequence[int]
    starts_on: date | None = None
    cost: int | None = None
    note: str = ""


def accept(city: CityFacts, option: Option, by: Membership, *, starts_on: date, note: str, request: UUID) -> Decision:
    """The promise is copied: what the option said is what the result will be held against."""
    areas = [option.area_id] if option.area_id else _areas_of_sites(city, option)
    deed = Deed(request, option.intervention, option.name, option.category_id, areas, starts_on, option.cost, note)
    return _decide(city, by, State.ACCEPTED, deed, promise_of(option))


def decline(city: CityFacts, option: Option, by: Membership, *, note: str, request: UUID) -> Decision:
    """Not now; the reason is kept."""
    areas = [option.area_id] if option.area_id else []
    deed = Deed(request, option.intervention, option.name, option.category_id, areas, None, None, note)
    return _decide(city, by, State.DECLINED, deed, promise_of(option))


def record_deed(city: CityFacts, by: Membership | None, deed: Deed) -> Decision:
    """Something the city did without Qlue's recommendation: no promise, but a result to learn from."""
    return _decide(city, by, State.RECORDED, deed, {})


def withdraw(city: CityFacts, number: int, by: Membership) -> bool:
    """A decision that was not carried out is no evidence; False when there is none to withdraw."""
    with transaction.atomic():
        found = Decision.objects.select_for_update().filter(city_id=city.id, pk=number).first()
        if found is None or found.state not in (State.ACCEPTED, State.RECORDED):
            return False
        found.state = State.WITHDRAWN
        found.save(update_fields=["state"])
        _tell(city, by, found)
    return True


def promise_of(option: Option) -> dict[str, Any]:
    """What an option promised, as it stood that day."""
    return {
        "avoided": option.avoided, "low": option.avoided_low, "high": option.avoided_high, "weeks": option.weeks,
        "expected": option.expected, "basis": option.basis, "grade": option.grade, "effect": option.body.get("effect"),
    }  # fmt: skip


def _areas_of_sites(city: CityFacts, option: Option) -> list[int]:
    names = {site["area"] for site in option.body.get("sites", ())}
    return [one.id for one in city.kelurahan if one.name in names]


def _decide(city: CityFacts, by: Membership | None, state: str, deed: Deed, promise: Mapping[str, Any]) -> Decision:
    try:
        with transaction.atomic():
            made = Decision.objects.create(
                city_id=city.id, request=deed.request, intervention=deed.intervention, name=deed.name,
                category_id=deed.category, areas=list(deed.areas), state=state, promise=dict(promise), cost=deed.cost,
                starts_on=deed.starts_on, note=deed.note, decided_by_id=by.user_id if by else None, decided_at=now(),
            )  # fmt: skip
            _tell(city, by, made)
            return made
    except IntegrityError:
        return Decision.objects.get(city_id=city.id, request=deed.request)


def _tell(city: CityFacts, by: Membership | None, decision: Decision) -> None:
    told = {"decision": decision.pk, "name": decision.name, "category": decision.category_id, "areas": decision.areas}
    who = {"actor_id": by.user_id, "actor_role": by.role} if by else {"actor_role": "system"}
    record(city_id=city.id, kind=f"policy.{decision.state}", public=False, data=told, **who)


def save_act(city: CityFacts, given: Act, by: Membership) -> Intervention:
    """Writes one row of the library in the place of the pack's own, or a new one."""
    values = {name: getattr(given, name) for name in NAMES if name not in ("slug", "categories")}
    values |= {"categories": list(given.categories), "active": given.active}
    values |= {"changed_at": now(), "changed_by_id": by.user_id}
    with transaction.atomic():
        row, _made = Intervention.objects.update_or_create(city_id=city.id, slug=given.slug, defaults=values)
        told = {"slug": given.slug, "name": given.name}
        record(city_id=city.id, kind="policy.library", actor_id=by.user_id, actor_role=by.role, public=False, data=told)
    return row
