"""Decisions: what was promised, and what came of it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.cities.facts import CityFacts
from qlue.insight.models import Decision
from qlue.insight.policy.outcomes import CARRIED_OUT
from qlue.insight.presentation.amounts import Card, effect_text, rupiah
from qlue.insight.presentation.labels import PROBLEMS
from qlue.insight.states import DecisionState

STATE_BADGES = {
    DecisionState.ACCEPTED: ("blue", "circle-check"),
    DecisionState.RECORDED: ("blue", "notebook"),
    DecisionState.DECLINED: ("grey", "circle-minus"),
    DecisionState.WITHDRAWN: ("grey", "x"),
}


def decision_row(city: CityFacts, decision: Decision) -> Card:
    """Promise and result beside each other."""
    colour, sign = STATE_BADGES[DecisionState(decision.state)]
    category = city.categories.get(decision.category_id)
    names = [city.areas[area].name for area in decision.areas if area in city.areas]
    promise = decision.promise
    return {
        "decision": decision,
        "title": decision.name,
        "where": ", ".join(names[:3]) or city.name,
        "category": category.label if category else "",
        "state": {"colour": colour, "sign": sign, "label": decision.get_state_display()},
        "cost": rupiah(decision.cost),
        "promise": effect_text(promise["effect"]) if promise.get("effect") else "",
        "result": result_card(decision),
        "withdraw": decision.state in CARRIED_OUT and not decision.final,
    }


def result_card(decision: Decision) -> Card:
    """What came of it so far; `verdict` is a badge."""
    result = decision.result
    if decision.state not in CARRIED_OUT:
        return {}
    if not result or "problem" in result:
        return {"text": PROBLEMS[result.get("problem", "too_early")], "verdict": None}
    weeks = ngettext("after %(n)d week", "after %(n)d weeks", result["weeks"]) % {"n": result["weeks"]}
    return {"text": effect_text(result), "weeks": weeks, "verdict": verdict_badge(decision)}


def verdict_badge(decision: Decision) -> Card:
    """What the interval of the result allows to be said; an action without a promise only has to help."""
    result, promised_effect = decision.result, decision.promise.get("effect")
    # Changes: above zero are more reports than without the action. Nothing is said while zero lies in the interval.
    if result["low"] > 0:
        return {"colour": "red", "sign": "trending-up", "label": _("More reports than without")}
    if result["high"] >= 0:
        return {"colour": "grey", "sign": "help-circle", "label": _("No difference to be seen")}
    # Even the best end of the interval stays behind the mean of the promise.
    if promised_effect and result["low"] > promised_effect["mean"]:
        return {"colour": "yellow", "sign": "trending-down", "label": _("Helped, less than promised")}
    return {"colour": "green", "sign": "circle-check", "label": _("Helped")}
