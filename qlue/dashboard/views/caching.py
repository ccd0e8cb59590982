"""Pages that browsers keep and ask about: what did not change is not sent again."""

from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response


def with_etag(request: HttpRequest, response: HttpResponse, max_age: int = 0) -> HttpResponse:
    """The response with an ETag, or 304. With age 0 (in seconds) browsers always ask: numbers are live."""
    # What a member sees holds more than the public may know, so no cache on the way may keep it for others.
    scope = "private" if request.user.is_authenticated else "public"
    response["Cache-Control"] = f"{scope}, max-age={max_age}" + (", must-revalidate" if not max_age else "")
    response["ETag"] = f'"{blake2b(response.content, digest_size=12).hexdigest()}"'
    conditional = get_conditional_response(request, response["ETag"], None, response)
    return conditional if isinstance(conditional, HttpResponse) else response
