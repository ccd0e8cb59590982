"""Names of areas, and addresses of the public list."""

from django.urls import reverse

from qlue.cities.facts import CityFacts


def public_list_url(city: CityFacts, query: str) -> str:
    """The public list with this query."""
    return f"{reverse('report-list', args=[city.slug])}?{query}"


def area_name(city: CityFacts, key: int | None) -> str:
    """The name of an area; empty where there is none."""
    area = city.areas.get(key or 0)
    return area.name if area else ""
