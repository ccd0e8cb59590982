"""Pictures that lie with a provider: fetched, cleaned, stored. Outside of any transaction, for it may take a while."""

import logging
from datetime import timedelta
from uuid import UUID, uuid5

import msgspec

from qlue.channels.dialogue.state import DraftPhoto
from qlue.channels.models import Inbound
from qlue.channels.providers import PROVIDERS
from qlue.channels.providers.contract import (
    Account,
    DeliveryUncertain,
    IncomingMessage,
    MediaReference,
    MessageNotSent,
    MessageRejected,
)
from qlue.channels.queries.accounts import account_of
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.photo import MOST_BYTES, BadPhoto, clean_photo
from qlue.reports.actions import store_photos

UUID_NAMESPACE = UUID("2f3f0a54-43a4-5c0e-8d0e-6f1f0e5f7c11")
log = logging.getLogger(__name__)
GIVE_UP_AFTER = timedelta(minutes=10)  # then the person is asked to send it again


def fetch_photos(city: CityFacts, inbound: Inbound, message: IncomingMessage) -> tuple[tuple[DraftPhoto, ...], bool]:
    """The message's pictures, and whether one of them failed for good. Raises `NotSent`, `Unsure`: not just now."""
    account = account_of(city, inbound.kind)
    photos: list[DraftPhoto] = []
    any_failed = False
    for media in message.media:
        try:
            photos.append(_fetch_photo(city, inbound, account, media))
        except (MessageRejected, BadPhoto):
            any_failed = True
        except (MessageNotSent, DeliveryUncertain):
            if now() - inbound.received_at < GIVE_UP_AFTER:
                raise
            any_failed = True
        except Exception:  # an answer that nobody foresaw: the person is asked again, and nothing else waits
            log.exception("a picture of message %s cannot be fetched", inbound.pk)
            any_failed = True
    return tuple(photos), any_failed


def _fetch_photo(city: CityFacts, inbound: Inbound, account: Account | None, media: MediaReference) -> DraftPhoto:
    if account is None or not media.ref:
        raise MessageRejected("no account to fetch it with")
    data = PROVIDERS[inbound.kind].fetch(account, media, MOST_BYTES)
    owner = uuid5(UUID_NAMESPACE, f"{city.id}:{inbound.kind}:{inbound.provider_id}")
    [photo] = store_photos(city.id, owner, [clean_photo(data)])
    taken_at = photo.taken_at.isoformat() if photo.taken_at else ""
    return DraftPhoto(str(photo.uuid), photo.width, photo.height, taken_at, photo.dhash)


def decode_message(inbound: Inbound) -> IncomingMessage:
    return msgspec.convert(inbound.body, IncomingMessage)
