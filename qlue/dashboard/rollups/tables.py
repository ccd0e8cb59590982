"""What each roll-up counts, defined once: the follower adds it up from events, the check from the reports themselves.

Every fragment reads `delta`, rows of (sign, city, private, status, agency, category, area, created, due, resolved,
hours, at): +1 for what a report is now, -1 for what it was. Sums do not depend on the order in which events come.
One problem counts once: a merged report is stock in its own state, but neither received nor resolved.
"""

from dataclasses import dataclass

from qlue.dashboard.rollups.durations import BUCKET_SQL
from qlue.reports.records import status_literals
from qlue.reports.states import OPEN_STATUSES, Colour, ReportStatus, statuses_of_colour

# Each delta counts for the city and for the report's agency, category and area; 0 stands for none, as a column of a
# primary key cannot be NULL. NOT MATERIALIZED: every roll-up filters it differently, and so reads only the dimensions
# that it needs.
WIDE_DELTAS = """
wide AS NOT MATERIALIZED (
    SELECT d.*, k.dim, k.key FROM delta d CROSS JOIN LATERAL (
        VALUES ('city', 0::bigint), ('agency', coalesce(d.agency, 0)), ('category', d.category),
            ('area', coalesce(d.area, 0))) AS k(dim, key))
"""


@dataclass(frozen=True)
class RollUp:
    """A roll-up table: the columns of its key, those that are added up, and the SQL that gives both from `delta`.

    Columns are written as SQL lists them, `city_id, day`.
    """

    table: str
    keys: str
    sums: str
    sql: str

    @property
    def columns(self) -> str:
        """Key and sums, as an INSERT lists them."""
        return f"{self.keys}, {self.sums}"

    @property
    def sum_names(self) -> list[str]:
        """The columns that are added up, one by one."""
        return self.sums.split(", ")

    def grouped_sql(self) -> str:
        """Changes per row of the table, without those that cancel out."""
        sums = ", ".join(f"sum({name})::int AS {name}" for name in self.sum_names)
        changes = " OR ".join(f"sum({name}) <> 0" for name in self.sum_names)
        # In the order of the key: two writers that lock rows in one order cannot deadlock.
        return f"""SELECT {self.keys}, {sums} FROM ({self.sql}) s
            GROUP BY {self.keys} HAVING {changes} ORDER BY {self.keys}"""  # noqa: S608


STOCK = RollUp(
    table="dashboard_stock",
    keys="city_id, private, dim, key, status",
    sums="n",
    sql="SELECT city AS city_id, private, dim, key, status, sign AS n FROM wide",
)
# A dispute clears the day of resolution: its delta takes the resolution back from the day on which it was counted.
FLOW = RollUp(
    table="dashboard_flow",
    keys="city_id, private, dim, day, key",
    sums="received, resolved",
    sql=f"""SELECT city AS city_id, private, dim, created AS day, key, sign AS received, 0 AS resolved FROM wide
    WHERE status <> '{ReportStatus.MERGED}'
    UNION ALL
    SELECT city, private, dim, resolved, key, 0, sign FROM wide WHERE resolved IS NOT NULL""",  # noqa: S608
)
DURATION = RollUp(
    table="dashboard_duration",
    keys="city_id, private, day, agency, bucket",
    sums="n",
    sql=f"""SELECT city AS city_id, private, resolved AS day, coalesce(agency, 0) AS agency, {BUCKET_SQL} AS bucket,
        sign AS n
    FROM delta WHERE resolved IS NOT NULL AND hours IS NOT NULL""",
)
# Each open report stands under its day and, marked `:m`, under its month: what is overdue since long is then a few
# rows of months instead of a row for every day of the backlog. Categories are left out, for no tile asks for them.
DUE = RollUp(
    table="dashboard_due",
    keys="city_id, private, dim, day, key",
    sums="n",
    sql=f"""SELECT city AS city_id, private, dim || grain.mark AS dim,
        CASE grain.mark WHEN '' THEN due ELSE date_trunc('month', due)::date END AS day, key, sign AS n
    FROM wide CROSS JOIN (VALUES (''), (':m')) AS grain(mark)
    WHERE due IS NOT NULL AND status IN ({status_literals(OPEN_STATUSES)}) AND dim <> 'category'""",  # noqa: S608
)
NATIONAL_DAY = RollUp(
    table="dashboard_nationalday",
    keys="city_id, day",
    sums="received, resolved",
    sql=f"""SELECT created AS day, city AS city_id, sign AS received, 0 AS resolved FROM delta
    WHERE NOT private AND status <> '{ReportStatus.MERGED}'
    UNION ALL
    SELECT resolved, city, 0, sign FROM delta WHERE NOT private AND resolved IS NOT NULL""",  # noqa: S608
)


def signs_by_colour() -> str:
    """A column per colour: the delta's sign where the report's state shows that colour, else 0."""
    columns = ((colour, status_literals(statuses_of_colour(colour))) for colour in Colour)
    return ", ".join(f"(status IN ({statuses}))::int * sign AS {colour}" for colour, statuses in columns)


NATIONAL = RollUp(
    table="dashboard_national",
    keys="city_id",
    sums=", ".join(Colour),
    sql=f"SELECT city AS city_id, {signs_by_colour()} FROM delta WHERE NOT private",  # noqa: S608
)
ROLL_UPS = (STOCK, FLOW, DURATION, DUE, NATIONAL_DAY, NATIONAL)
