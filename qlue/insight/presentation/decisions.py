"""Decisions: what was promised, and what came of it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.cities.facts import CityFacts
from qlue.insight.models import Decision
from qlue.insight.policy.outcomes import CARRIED_OUT
from qlue.insight.presentation.amounts import ColourBadge, effect_text, rupiah
from qlue.insight.presentation.labels import PROBLEMS
from qlue.insight.states import DecisionState

STATE_BADGES = {
    DecisionState.ACCEPTED: ("blue", "circle-check"),
    DecisionState.RECORDED: ("blue", "notebook"),
    DecisionState.DECLINED: ("grey", "circle-minus"),
    DecisionState.WITHDRAWN: ("grey", "x"),
}


@dataclass(frozen=True)
class DecisionResult:
    """What came of a decision so far, `weeks` after it began; without a verdict it is not measured."""

    text: str
    weeks: str = ""
    verdict: ColourBadge | None = None


@dataclass(frozen=True)
class DecisionRow:
    """Promise and result of a decision; `withdraw`: it may still be withdrawn."""

    decision: Decision
    title: str
    where: str
    category: str
    state: ColourBadge
    cost: str
    promise: str
    result: DecisionResult | None
    withdraw: bool


def decision_row(city: CityFacts, decision: Decision) -> DecisionRow:
    """Promise and result beside each other."""
    colour, sign = STATE_BADGES[DecisionState(decision.state)]
    category = city.categories.get(decision.category_id)
    names = [city.areas[area].name for area in decision.areas if area in city.areas]
    promise = decision.promise
    return DecisionRow(
        decision=decision,
        title=decision.name,
        where=", ".join(names[:3]) or city.name,
        category=category.label if category else "",
        state=ColourBadge(colour, sign, decision.get_state_display()),
        cost=rupiah(decision.cost),
        promise=effect_text(promise["effect"]) if promise.get("effect") else "",
        result=decision_result(decision),
        withdraw=decision.state in CARRIED_OUT and not decision.final,
    )


def decision_result(decision: Decision) -> DecisionResult | None:
    """None for what was never carried out."""
    result = decision.result
    if decision.state not in CARRIED_OUT:
        return None
    if not result or "problem" in result:
        return DecisionResult(str(PROBLEMS[result.get("problem", "too_early")]))
    weeks = ngettext("after %(n)d week", "after %(n)d weeks", result["weeks"]) % {"n": result["weeks"]}
    return DecisionResult(effect_text(result), weeks, verdict_badge(decision))


def verdict_badge(decision: Decision) -> ColourBadge:
    """What the interval of the result allows to be said; an action without a promise only has to help."""
    result, promised_effect = decision.result, decision.promise.get("effect")
    # Changes: above zero are more reports than without the action. Nothing is said while zero lies in the interval.
    if result["low"] > 0:
        return ColourBadge("red", "trending-up", _("More reports than without"))
    if result["high"] >= 0:
        return ColourBadge("grey", "help-circle", _("No difference to be seen"))
    # Even the best end of the interval stays behind the mean of the promise.
    if promised_effect and result["low"] > promised_effect["mean"]:
        return ColourBadge("yellow", "trending-down", _("Helped, less than promised"))
    return ColourBadge("green", "circle-check", _("Helped"))
