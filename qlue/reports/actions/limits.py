"""How often strangers may write, in one place: per address (phones of one provider share it) and per device."""

from django.conf import settings

from qlue.kit.rate import Limit, spend_each

Limits = dict[str, tuple[Limit, ...]]
# Many phones share one address behind their provider's gateway, so an address may do several times what a device may.
# Batches are a fifth of each limit: reports from programs are the one place where counting would cost the most.
REPORT_LIMITS: Limits = {
    "address": (Limit(30, 600, batch=6), Limit(300, 86_400, batch=60)),
    "device": (Limit(10, 600, batch=2), Limit(60, 86_400, batch=12)),
}
# Whoever answers holds a secret link, so the address alone is counted.
ANSWER_LIMITS: Limits = {"address": (Limit(30, 600), Limit(200, 86_400))}
SUPPORT_LIMITS: Limits = {"address": (Limit(30, 600), Limit(200, 86_400)), "device": (Limit(20, 600),)}
MOST_JSON = 65_536  # bytes of one report; no photos come with it


def seconds_to_wait(action: str, limits: Limits, **callers: str) -> int:
    """Counts one `action` for each caller (`address=`, `device=`); 0 when allowed, else the seconds to wait."""
    if not settings.RATE_LIMITS:
        return 0
    # A caller without a name (a browser on its first visit) is counted by the others alone.
    return spend_each(
        {
            f"{action}:{limit.seconds}:{kind}:{caller}": limit
            for kind, caller in callers.items()
            if caller
            for limit in limits[kind]
        }
    )
