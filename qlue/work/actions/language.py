"""The language of what the system itself writes into a report."""

from collections.abc import Callable

from django.conf import settings
from django.utils import translation


def in_city_language(text: Callable[[], object]) -> str:
    """The text in the city's language: residents read it, whoever's request or job wrote it."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(text())
