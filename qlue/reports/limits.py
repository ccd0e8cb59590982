"""How often strangers may write, in one place: per address (phones of one provider share it) and per device."""

from django.conf import settings

from qlue.kit.rate import Limit, spend_each

Limits = dict[str, tuple[Limit, ...]]
REPORTS: Limits = {
    "address": (Limit(30, 600, portion=6), Limit(300, 86_400, portion=60)),
    "device": (Limit(10, 600, portion=2), Limit(60, 86_400, portion=12)),
}
ANSWERS: Limits = {"address": (Limit(30, 600), Limit(200, 86_400))}
VOICES: Limits = {"address": (Limit(30, 600), Limit(200, 86_400)), "device": (Limit(20, 600),)}
MOST_JSON = 65_536  # bytes of one report as JSON


def wait_for(what: str, limits: Limits, **callers: str) -> int:
    """Counts one `what` for each caller (`address=`, `device=`); 0 when allowed, else the seconds to wait."""
    if not settings.RATE_LIMITS:
        return 0
    asked = ((who, caller, limit) for who, caller in callers.items() if caller for limit in limits[who])
    return spend_each({f"{what}:{limit.seconds}:{who}:{caller}": limit for who, caller, limit in asked})
