"""What the city decides: to do what was recommended, not to, or to record what it did before. Each writes an event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from qlue.cities.facts import CityFacts
from qlue.insight.models import Decision, Intervention, Option
from qlue.insight.records.interventions import PACK_FIELDS, CityIntervention
from qlue.insight.states import DecisionState
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.timeline.actions import record_event


@dataclass(frozen=True)
class RecordedAction:
    """What was or will be done. `request` is the form's own uuid: sent twice it counts once."""

    request: UUID
    intervention: str
    name: str
    category: int
    areas: Sequence[int]
    starts_on: date | None = None
    cost: int | None = None
    note: str = ""


def accept_option(
    city: CityFacts, option: Option, actor: Membership, *, starts_on: date, note: str, request: UUID
) -> Decision:
    """The promise is copied: what the option said is what the result will be held against."""
    areas = [option.area_id] if option.area_id else _areas_of_sites(city, option)
    action = _action_of_option(option, areas, starts_on, option.cost, note, request)
    return _create_decision(city, actor, DecisionState.ACCEPTED, action, promise_of(option))


def decline_option(city: CityFacts, option: Option, actor: Membership, *, note: str, request: UUID) -> Decision:
    """Not now; the reason is kept."""
    areas = [option.area_id] if option.area_id else []
    action = _action_of_option(option, areas, None, None, note, request)
    return _create_decision(city, actor, DecisionState.DECLINED, action, promise_of(option))


def _action_of_option(
    option: Option, areas: Sequence[int], starts_on: date | None, cost: int | None, note: str, request: UUID
) -> RecordedAction:
    return RecordedAction(
        request=request,
        intervention=option.intervention,
        name=option.name,
        category=option.category_id,
        areas=areas,
        starts_on=starts_on,
        cost=cost,
        note=note,
    )


def record_action(city: CityFacts, actor: Membership | None, action: RecordedAction) -> Decision:
    """Something the city did without Qlue's recommendation: no promise, but a result to learn from."""
    return _create_decision(city, actor, DecisionState.RECORDED, action, {})


def withdraw_decision(city: CityFacts, number: int, actor: Membership) -> bool:
    """A decision that was not carried out is no evidence; False when there is none to withdraw."""
    with transaction.atomic():
        # Locked, so that two presses at once write one event.
        decision = Decision.objects.select_for_update().filter(city_id=city.id, pk=number).first()
        if decision is None or decision.state not in (DecisionState.ACCEPTED, DecisionState.RECORDED):
            return False
        decision.state = DecisionState.WITHDRAWN
        decision.save(update_fields=["state"])
        _record_decision_event(city, actor, decision)
    return True


def promise_of(option: Option) -> dict[str, object]:
    """What an option promised, as it stood that day."""
    # A copy: the option's run is deleted after KEPT_DAYS (actions/runs.py), the decision stays.
    return {
        "avoided": option.avoided,
        "low": option.avoided_low,
        "high": option.avoided_high,
        "weeks": option.weeks,
        "expected": option.expected,
        "basis": option.basis,
        "grade": option.grade,
        "effect": option.body.get("effect"),
    }


def _areas_of_sites(city: CityFacts, option: Option) -> list[int]:
    """Kelurahan in which the proposed places lie: there the effect will be measured."""
    names = {site["area"] for site in option.body.get("sites", ())}
    return [area.id for area in city.kelurahan if area.name in names]


def _create_decision(
    city: CityFacts, actor: Membership | None, state: str, action: RecordedAction, promise: Mapping[str, object]
) -> Decision:
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                city_id=city.id,
                request=action.request,
                intervention=action.intervention,
                name=action.name,
                category_id=action.category,
                areas=list(action.areas),
                state=state,
                promise=dict(promise),
                cost=action.cost,
                starts_on=action.starts_on,
                note=action.note,
                decided_by_id=actor.user_id if actor else None,
                decided_at=now(),
            )
            _record_decision_event(city, actor, decision)
            return decision
    except IntegrityError:  # this form was sent before: the constraint on (city, request)
        return Decision.objects.get(city_id=city.id, request=action.request)


def _record_decision_event(city: CityFacts, actor: Membership | None, decision: Decision) -> None:
    payload = {
        "decision": decision.pk,
        "name": decision.name,
        "category": decision.category_id,
        "areas": decision.areas,
    }
    # Without a person it is the demo or a script: the timeline calls that "system".
    actor_fields = {"actor_id": actor.user_id, "actor_role": actor.role} if actor else {"actor_role": "system"}
    record_event(city_id=city.id, kind=f"policy.{decision.state}", public=False, data=payload, **actor_fields)


def save_intervention(city: CityFacts, intervention: CityIntervention, actor: Membership) -> Intervention:
    """Writes one row of the library. A row with the slug of a pack's intervention stands in its place from then on."""
    values = {name: getattr(intervention, name) for name in PACK_FIELDS if name not in ("slug", "categories")}
    values |= {"categories": list(intervention.categories), "active": intervention.active}
    values |= {"changed_at": now(), "changed_by_id": actor.user_id}
    with transaction.atomic():
        row, _is_new = Intervention.objects.update_or_create(city_id=city.id, slug=intervention.slug, defaults=values)
        payload = {"slug": intervention.slug, "name": intervention.name}
        record_event(
            city_id=city.id,
            kind="policy.library",
            actor_id=actor.user_id,
            actor_role=actor.role,
            public=False,
            data=payload,
        )
    return row
