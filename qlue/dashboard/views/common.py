"""What every view of the dashboard asks the request for."""

from django.http import HttpRequest


def caller_rights(request: HttpRequest) -> frozenset[str]:
    """The verbs of whoever asks; none for residents."""
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    return rights
