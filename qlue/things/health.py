"""What the doctor says of sensors."""

import psycopg

from qlue.kit.health import Finding, Findings

SILENT_S = 30
LISTENERS = """
SELECT count(*) FILTER (WHERE beat_at > now() - make_interval(secs => %s)), coalesce(sum(connected) FILTER (
    WHERE beat_at > now() - make_interval(secs => %s)), 0), count(*) FROM things_listener
"""
DEVICES = """
SELECT count(*), count(*) FILTER (WHERE p.seen_at < now() - make_interval(secs => greatest(2.5 * d.expected_s, 30))),
    count(*) FILTER (WHERE p.seen_at IS NULL)
FROM things_device d LEFT JOIN things_pulse p ON p.device_id = d.id WHERE d.active
"""
BEHIND = """
SELECT count(*) FROM things_pulse p JOIN things_device d ON d.id = p.device_id
JOIN things_profile f ON f.id = d.profile_id LEFT JOIN things_watch w ON w.device_id = p.device_id
WHERE d.active AND f.ladders <> '[]' AND p.stored > coalesce(w.seen, 0) AND p.seen_at < now() - interval '30 seconds'
"""
REFUSED = "SELECT coalesce(sum(n), 0) FROM things_refusal WHERE day >= current_date - 1"
AHEAD = """
SELECT to_regclass('things_reading_' || to_char(now() AT TIME ZONE 'UTC' + interval '1 day', 'YYYYMMDD')) IS NOT NULL
"""


def findings(connection: psycopg.Connection) -> Findings:
    yield from _devices(connection)
    yield from _listener(connection)
    yield from _watch(connection)


def _devices(connection: psycopg.Connection) -> Findings:
    count, missed, never = connection.execute(DEVICES).fetchone() or (0, 0, 0)
    refused, ahead = (_value(connection, query) for query in (REFUSED, AHEAD))
    words = f"{count:,} devices, {missed:,} not heard from, {never:,} never heard; "
    words += f"{refused:,} readings refused since yesterday"
    yield Finding(
        "sensors", "note" if missed else "good", words, "the page Sensors of the city names them, with reasons"
    )
    if not ahead:
        mend = "is the worker running? else `qlue pg psql -c 'SELECT things_make_days(current_date, current_date + 3)'`"
        yield Finding("sensors", "bad", "there is no table for tomorrow's readings", mend)


def _listener(connection: psycopg.Connection) -> Findings:
    living, connected, known = connection.execute(LISTENERS, [SILENT_S, SILENT_S]).fetchone() or (0, 0, 0)
    if living:
        yield Finding("sensor listener", "good", f"{living} running, {connected:,} devices connected")
    elif known:
        mend = "is `qlue up` running? then read logs/sensors.log in the home"
        yield Finding("sensor listener", "note", "no process takes readings over MQTT", mend)


def _watch(connection: psycopg.Connection) -> Findings:
    behind = _value(connection, BEHIND)
    words = f"{behind:,} devices have news that nobody has judged" if behind else "up to date"
    mend = "is `qlue up` running? then read logs/sensor-watch.log in the home"
    yield Finding("sensor alarms", "note" if behind else "good", words, mend)


def _value(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
