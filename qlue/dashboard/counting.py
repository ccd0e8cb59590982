"""What each roll-up counts, once: the follower adds it up from happenings, the check from the reports themselves.

Every fragment reads `delta`, rows of (sign, city, private, status, agency, category, area, created, due, resolved,
hours, at): +1 for what a report is now, -1 for what it was. Sums do not mind the order in which happenings come.
One problem counts once: what was merged is stock in its own state, but neither received nor resolved.
"""

from dataclasses import dataclass

from qlue.dashboard.durations import BUCKET_SQL
from qlue.reports.states import OPEN, states_of


def words(states: tuple[str, ...] | list[str]) -> str:
    """States as SQL literals; written out so that partial indexes over them can be used."""
    return ", ".join(f"'{state}'" for state in states)


OPEN_SQL = f"({words(OPEN)})"

WIDE = """
wide AS NOT MATERIALIZED (
    SELECT d.*, k.dim, k.key FROM delta d CROSS JOIN LATERAL (
        VALUES ('city', 0::bigint), ('agency', coalesce(d.agency, 0)), ('category', d.category),
            ('area', coalesce(d.area, 0))) AS k(dim, key))
"""


@dataclass(frozen=True)
class Count:
    """A roll-up table: its key columns, the columns that are added up, and the SQL that gives both from `delta`."""

    table: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    sql: str

    def grouped(self) -> str:
        """Changes per row, those that cancel out left away, in the order of the key so that writers never deadlock."""
        keys = ", ".join(self.keys)
        sums = ", ".join(f"sum({name})::int AS {name}" for name in self.sums)
        some = " OR ".join(f"sum({name}) <> 0" for name in self.sums)
        return f"SELECT {keys}, {sums} FROM ({self.sql}) s GROUP BY {keys} HAVING {some} ORDER BY {keys}"  # noqa: S608


STOCK = Count(
    "dashboard_stock",
    ("city_id", "private", "dim", "key", "status"),
    ("n",),
    "SELECT city AS city_id, private, dim, key, status, sign AS n FROM wide",
)
FLOW = Count(
    "dashboard_flow",
    ("city_id", "private", "dim", "day", "key"),
    ("received", "resolved"),
    """SELECT city AS city_id, private, dim, created AS day, key, sign AS received, 0 AS resolved FROM wide
    WHERE status <> 'merged'
    UNION ALL
    SELECT city, private, dim, resolved, key, 0, sign FROM wide WHERE resolved IS NOT NULL""",
)
DURATION = Count(
    "dashboard_duration",
    ("city_id", "private", "day", "agency", "bucket"),
    ("n",),
    f"""SELECT city AS city_id, private, resolved AS day, coalesce(agency, 0) AS agency, {BUCKET_SQL} AS bucket,
        sign AS n
    FROM delta WHERE resolved IS NOT NULL AND hours IS NOT NULL""",
)
DUE = Count(
    "dashboard_due",
    ("city_id", "private", "dim", "day", "key"),
    ("n",),
    f"""SELECT city AS city_id, private, dim || grain.mark AS dim,
        CASE grain.mark WHEN '' THEN due ELSE date_trunc('month', due)::date END AS day, key, sign AS n
    FROM wide CROSS JOIN (VALUES (''), (':m')) AS grain(mark)
    WHERE due IS NOT NULL AND status IN {OPEN_SQL} AND dim <> 'category'""",
)
NATIONAL_DAY = Count(
    "dashboard_nationalday",
    ("city_id", "day"),
    ("received", "resolved"),
    """SELECT created AS day, city AS city_id, sign AS received, 0 AS resolved FROM delta
    WHERE NOT private AND status <> 'merged'
    UNION ALL
    SELECT resolved, city, 0, sign FROM delta WHERE NOT private AND resolved IS NOT NULL""",
)
COLOURS = ("red", "yellow", "green", "grey")
NATIONAL = Count(
    "dashboard_national",
    ("city_id",),
    COLOURS,
    "SELECT city AS city_id, "
    + ", ".join(f"(status IN ({words(states_of(colour))}))::int * sign AS {colour}" for colour in COLOURS)
    + " FROM delta WHERE NOT private",
)
COUNTS = (STOCK, FLOW, DURATION, DUE, NATIONAL_DAY, NATIONAL)
