"""What the doctor says of sensors."""

from datetime import timedelta

import psycopg

from qlue.kit.clock import now
from qlue.kit.health import Finding, Findings

SILENT_S = 30
RENEW_WITHIN = timedelta(days=14)
LISTENERS = """
SELECT count(*), coalesce(sum(connected), 0), (SELECT count(*) FROM things_listener), min(certificate_until)
FROM things_listener WHERE beat_at > now() - make_interval(secs => %s)
"""
STRANGERS = """
SELECT key, sum(value::bigint)::bigint FROM things_listener, jsonb_each_text(reasons)
WHERE beat_at > now() - make_interval(secs => %s) GROUP BY key ORDER BY 2 DESC
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
CLOCKS = """
SELECT count(DISTINCT device_id) FROM things_refusal WHERE day >= current_date - 1 AND reason IN ('future', 'old')
"""
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
    if clocks := _value(connection, CLOCKS):
        mend = "set the clocks of these devices: nothing that they measure can be believed"
        yield Finding("sensors", "note", f"{clocks:,} devices spoke of the future or of more than a week ago", mend)
    if not ahead:
        mend = "is the worker running? else `qlue pg psql -c 'SELECT things_make_days(current_date, current_date + 3)'`"
        yield Finding("sensors", "bad", "there is no table for tomorrow's readings", mend)


def _listener(connection: psycopg.Connection) -> Findings:
    found = connection.execute(LISTENERS, [SILENT_S]).fetchone()
    living, connected, known, until = found or (0, 0, 0, None)
    if living:
        words = f"{living} running, {connected:,} devices connected"
        strangers = connection.execute(STRANGERS, [SILENT_S]).fetchall()
        if strangers:
            words += "; strangers turned away: " + ", ".join(f"{reason} {n:,}" for reason, n in strangers)
        yield Finding("sensor listener", "good", words)
    elif known:
        mend = "is `qlue up` running? then read logs/sensors.log in the home"
        yield Finding("sensor listener", "note", "no process takes readings over MQTT", mend)
    if until and until < now() + RENEW_WITHIN:
        mend = "renew the files of QLUE_MQTT_CERT and QLUE_MQTT_KEY; the listener reads them again by itself"
        yield Finding("sensor listener", "bad" if until < now() else "note", f"its certificate ends {until:%F}", mend)


def _watch(connection: psycopg.Connection) -> Findings:
    behind = _value(connection, BEHIND)
    words = f"{behind:,} devices have news that nobody has judged" if behind else "up to date"
    mend = "is `qlue up` running? then read logs/sensor-watch.log in the home"
    yield Finding("sensor alarms", "note" if behind else "good", words, mend)


def _value(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
