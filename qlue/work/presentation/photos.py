"""Addresses of photos for pages of staff."""

from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.reports.actions import StoredPhoto
from qlue.reports.presentation.cards import photo_url


def photo_sizes(city: CityFacts, photo: UUID | str, *, secret: bool) -> dict[str, str]:
    """Medium, and large for a look at the details; `secret` makes addresses that nobody can guess."""
    return {size: photo_url(city, photo, size, secret=secret) for size in ("medium", "large")}


def photo_previews(city: CityFacts, photos: list[StoredPhoto]) -> list[dict[str, str]]:
    """The photos that an earlier try of a form brought: they are stored, and no report shows them yet."""
    return [{"uuid": str(photo.uuid), "url": photo_url(city, photo.uuid, "thumb", secret=True)} for photo in photos]
