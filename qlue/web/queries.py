"""What a request says that comes from the browser's outbox, perhaps long after somebody pressed the button."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from qlue.kit.clock import now

# A phone that was off for longer has a wrong clock rather than an old request.
MAX_AGE = timedelta(days=30)


def is_from_outbox(request: HttpRequest) -> bool:
    """True when no person looks at the answer."""
    return "X-Qlue-Outbox" in request.headers


def pressed_at(request: HttpRequest) -> datetime:
    """When the person pressed the button.

    The request says how many seconds ago that was, not at what time: phones' clocks are wrong by days.
    """
    age = request.headers.get("X-Qlue-Outbox", "0")
    seconds = int(age) if age.isdecimal() and len(age) < 9 else 0
    return now() - min(timedelta(seconds=seconds), MAX_AGE)
