"""What the views of this room need from a request."""

from django.http import Http404, HttpRequest

from qlue.atlas.models import Dataset
from qlue.atlas.queries import measures
from qlue.cities.facts import CityRequest
from qlue.people.queries import member_of
from qlue.people.rights import may


def account_id(request: HttpRequest) -> int | None:
    """The id of the account that makes the request."""
    return request.user.pk


def sees_private_data(request: HttpRequest) -> bool:
    """Whether the request is a member's who may see datasets that are not public."""
    return bool(request.user.is_authenticated and may(member_of(request), "see_data"))


def visible_dataset_or_404(request: CityRequest, slug: str) -> Dataset:
    """A dataset that this person may see; 404 also for a private one, so that its existence is not revealed."""
    dataset = Dataset.objects.filter(city_id=request.city.id, slug=slug).select_related("current").first()
    if dataset is None or not ((dataset.public and dataset.current_id) or sees_private_data(request)):
        raise Http404(slug)
    return dataset


def measure_key(request: HttpRequest, dataset: Dataset) -> str:
    """The key of `indicators` for the column of the query (`bagian`), the first one without it."""
    key = f"{dataset.slug}.{request.GET.get('bagian', '')}"
    # The number comes from an address, which people edit.
    return key if key in dict(measures(dataset)) else dataset.slug
