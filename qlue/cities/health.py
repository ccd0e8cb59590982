"""What the doctor says of cities: which there are."""

import psycopg

from qlue.kit.health import Finding, Findings


def findings(connection: psycopg.Connection) -> Findings:
    names = [str(row[0]) for row in connection.execute("SELECT slug FROM cities_city ORDER BY slug")]
    yield Finding("cities", "good" if names else "note", ", ".join(names) or "none", "qlue pack load packs/makassar")
