"""The stylesheet of a city's colour."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from qlue.web.presentation.theme import is_theme_colour, theme_css


# The address is the colour, so the answer never changes and may be kept for good.
@cache_control(max_age=365 * 86400, public=True, immutable=True)
@require_safe
def theme_stylesheet(request: HttpRequest, colour: str) -> HttpResponse:
    """A colour as variables; a colour that cannot be read on white does not exist."""
    if not is_theme_colour(colour):
        raise Http404
    return HttpResponse(theme_css(f"#{colour}"), content_type="text/css; charset=utf-8")
