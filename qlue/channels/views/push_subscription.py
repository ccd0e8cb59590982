"""The body that a browser sends to get notices, or to get no more."""

import msgspec
from django.http import HttpRequest, HttpResponse

from qlue.channels.providers.push import is_push_service
from qlue.kit.http import problem

MAX_BODY_BYTES, MAX_ENDPOINT_LENGTH = 4000, 1000


class PushKeys(msgspec.Struct):
    p256dh: str
    auth: str


class PushSubscription(msgspec.Struct):
    """What `PushSubscription.toJSON()` gives."""

    endpoint: str
    keys: PushKeys


def parse_subscription(request: HttpRequest) -> PushSubscription | HttpResponse:
    """The subscription in the body, or the problem to answer with."""
    try:
        subscription = msgspec.json.decode(request.body[:MAX_BODY_BYTES], type=PushSubscription)
    except msgspec.DecodeError:
        return problem(400, "no-subscription", "This is no push subscription.")
    # Whatever address stands here we call later: only the services of known browsers may.
    if len(subscription.endpoint) > MAX_ENDPOINT_LENGTH or not is_push_service(subscription.endpoint):
        return problem(422, "unknown-service", "Only the push services of known browsers are called.")
    return subscription
