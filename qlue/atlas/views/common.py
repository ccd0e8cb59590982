"""What every view of this room asks of its request."""

from django.http import Http404, HttpRequest

from qlue.atlas.models import Dataset
from qlue.atlas.reading import measures
from qlue.cities.facts import CityFacts
from qlue.people.reading import member_of
from qlue.people.rights import may


def city_in(request: HttpRequest) -> CityFacts:
    """The city of the URL; the middleware has made sure that there is one."""
    city: CityFacts = request.city  # type: ignore[attr-defined]
    return city


def who(request: HttpRequest) -> int | None:
    """The account that does it."""
    return request.user.pk


def sees_all(request: HttpRequest) -> bool:
    """True for members who may see datasets that are not public."""
    return bool(request.user.is_authenticated and may(member_of(request), "see_data"))


def dataset_of(request: HttpRequest, slug: str) -> Dataset:
    """A dataset that this person may see; 404 otherwise, so that its name is no secret told."""
    found = Dataset.objects.filter(city_id=city_in(request).id, slug=slug).select_related("current").first()
    if found is None or not ((found.public and found.current_id) or sees_all(request)):
        raise Http404(slug)
    return found


def key_in(request: HttpRequest, one: Dataset) -> str:
    """Which column of the dataset is asked for (`bagian`), as a key of `indicators`; the first one otherwise."""
    asked = f"{one.slug}.{request.GET.get('bagian', '')}"
    return asked if asked in dict(measures(one)) else one.slug
