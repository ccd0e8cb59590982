"""What the doctor says of reports: photo files that belong to nothing."""

import psycopg

from qlue.kit.health import Finding, Findings

SWEEPS = """
SELECT coalesce(sum(photos), 0), coalesce(sum(waiting), 0), coalesce(sum(swept), 0), coalesce(sum(swept_bytes), 0),
    count(*) FILTER (WHERE at < now() - interval '2 days')
FROM reports_photosweep
"""  # what the sweep has counted: the doctor does not walk through millions of files
LATE = "is the worker of `qlue up` running? it looks each night at 02:41"


def findings(connection: psycopg.Connection) -> Findings:
    """Photos of forms that were never sent, as of the last night."""
    # The doctor's own connection: it enters the scope of all cities, or row security would show it none.
    connection.execute("SELECT set_config('qlue.city', '*', false)")
    photos, unsent, swept, size, late = connection.execute(SWEEPS).fetchone() or (0, 0, 0, 0, 0)
    words = f"{unsent:,} of {photos:,} wait for their form, {swept:,} never sent were taken away ({int(size) >> 20} MB)"
    yield Finding("photos", "note" if late else "good", f"{words}{', days ago' if late else ''}", LATE)
