"""What the doctor says of the city's data."""

import psycopg

from qlue.kit.health import Finding, Findings

SHELVES = """
SELECT c.slug, count(d.id) FILTER (WHERE d.current_id IS NOT NULL), count(d.id) FILTER (WHERE d.example),
    coalesce(bool_or(d.topic = 'population' AND d.shape = 'figures' AND d.current_id IS NOT NULL), false),
    (SELECT count(*) FROM atlas_version v
        WHERE v.city_id = c.id AND v.number IS NULL AND v.made_at < now() - interval '7 days')
FROM cities_city c LEFT JOIN atlas_dataset d ON d.city_id = c.id GROUP BY c.id, c.slug ORDER BY c.slug
"""


def findings(connection: psycopg.Connection) -> Findings:
    """One line for all cities: how many datasets, and whom nobody has counted."""
    found = connection.execute(SHELVES).fetchall()
    lacking = [slug for slug, n, _examples, people, _old in found if n and not people]
    forgotten = sum(row[4] for row in found)
    words = f"{sum(row[1] for row in found)} datasets, {sum(row[2] for row in found)} of them examples"
    if lacking:
        words += f"; no population in {', '.join(lacking[:5])}: nothing can be shown per 1,000 people"
    if forgotten:
        words += f"; {forgotten} uploads have waited for a yes for more than a week"
    mend = "upload a dataset about the population under City data, or let old uploads go there"
    yield Finding("city data", "note" if lacking or forgotten else "good", words, mend)
