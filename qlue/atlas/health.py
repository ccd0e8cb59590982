"""Finding of the doctor about the city's data."""

import psycopg

from qlue.cities.records import CITIES
from qlue.kit.health import Finding, Findings

COUNT_DATASETS = f"""
SELECT c.slug, count(d.id) FILTER (WHERE d.current_id IS NOT NULL), count(d.id) FILTER (WHERE d.example),
    coalesce(bool_or(d.topic = 'population' AND d.shape = 'figures' AND d.current_id IS NOT NULL), false),
    (SELECT count(*) FROM atlas_version v
        WHERE v.city_id = c.id AND v.number IS NULL AND v.made_at < now() - interval '7 days')
FROM {CITIES} AS c LEFT JOIN atlas_dataset d ON d.city_id = c.id GROUP BY c.id, c.slug ORDER BY c.slug
"""


def findings(connection: psycopg.Connection) -> Findings:
    """One finding for all cities: how many datasets, cities without a population, and forgotten uploads."""
    rows = connection.execute(COUNT_DATASETS).fetchall()
    without_population = [slug for slug, n, _examples, people, _old in rows if n and not people]
    old_drafts = sum(row[4] for row in rows)
    # Without a population nothing can be compared between areas of different size.
    message = f"{sum(row[1] for row in rows)} datasets, {sum(row[2] for row in rows)} of them examples"
    if without_population:
        message += f"; no population in {', '.join(without_population[:5])}: nothing can be shown per 1,000 people"
    if old_drafts:
        message += f"; {old_drafts} uploads have waited for a yes for more than a week"
    remedy = "upload a dataset about the population under City data, or let old uploads go there"
    yield Finding("city data", "note" if without_population or old_drafts else "good", message, remedy)
