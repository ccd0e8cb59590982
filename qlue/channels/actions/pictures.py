"""Pictures that lie with a provider: fetched, cleaned, stored. Outside of any transaction, for it may take a while."""

import logging
from datetime import timedelta
from uuid import UUID, uuid5

import msgspec

from qlue.channels.dialogue.state import Photo
from qlue.channels.models import Inbound
from qlue.channels.reading.lines import account_of
from qlue.channels.wires import KINDS
from qlue.channels.wires.contract import Account, Media, Message, NotSent, Rejected, Unsure
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.photo import MOST_BYTES, BadPhoto, clean
from qlue.reports.actions import store_photos

SPACE = UUID("2f3f0a54-43a4-5c0e-8d0e-6f1f0e5f7c11")
log = logging.getLogger(__name__)
PATIENCE = timedelta(minutes=10)  # then the person is asked to send it again


def photos_of(city: CityFacts, found: Inbound, message: Message) -> tuple[tuple[Photo, ...], bool]:
    """The message's pictures, and whether one of them failed for good. Raises `NotSent`, `Unsure`: not just now."""
    account = account_of(city, found.kind)
    photos: list[Photo] = []
    failed = False
    for media in message.media:
        try:
            photos.append(_stored(city, found, account, media))
        except (Rejected, BadPhoto):
            failed = True
        except (NotSent, Unsure):
            if now() - found.received_at < PATIENCE:
                raise
            failed = True
        except Exception:  # an answer that nobody foresaw: the person is asked again, and nothing else waits
            log.exception("a picture of message %s cannot be fetched", found.pk)
            failed = True
    return tuple(photos), failed


def _stored(city: CityFacts, found: Inbound, account: Account | None, media: Media) -> Photo:
    if account is None or not media.ref:
        raise Rejected("no account to fetch it with")
    data = KINDS[found.kind].fetch(account, media, MOST_BYTES)
    owner = uuid5(SPACE, f"{city.id}:{found.kind}:{found.provider_id}")
    [stored] = store_photos(city.id, owner, [clean(data)])
    taken = stored.taken_at.isoformat() if stored.taken_at else ""
    return Photo(str(stored.uuid), stored.width, stored.height, taken, stored.dhash)


def read_message(found: Inbound) -> Message:
    return msgspec.convert(found.body, Message)
