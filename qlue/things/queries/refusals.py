"""Messages and readings that were refused, as operators see them."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_records
from qlue.things.records import RefusalCount

REFUSAL_LIST = """
SELECT r.reason, sum(r.n)::bigint AS n, max(r.last_at) AS last_at,
    (array_agg(r.sample ORDER BY r.last_at DESC))[1] AS sample, d.key, d.name
FROM things_refusal r JOIN things_device d ON d.id = r.device_id
WHERE r.city_id = %(city)s AND r.day > current_date - 7 AND (%(device)s = 0 OR r.device_id = %(device)s)
GROUP BY r.reason, d.key, d.name ORDER BY 2 DESC LIMIT 50
"""


def list_refusals(city: CityFacts, device_id: int = 0) -> list[RefusalCount]:
    """Refusals of the last seven days, by device and reason, with a sample; `device_id` 0 means all."""
    return fetch_records(RefusalCount, REFUSAL_LIST, {"city": city.id, "device": device_id})
