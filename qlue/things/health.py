"""What `qlue doctor` says of sensors."""

from datetime import timedelta

import psycopg

from qlue.kit.clock import now
from qlue.kit.health import Finding, Findings
from qlue.things.states import RefusalReason

LIVING_S = 30  # since its last beat; a listener beats every five seconds
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
# Half a minute of grace: news of the last seconds are judged by the watch's next rounds.
UNJUDGED = """
SELECT count(*) FROM things_pulse p JOIN things_device d ON d.id = p.device_id
JOIN things_profile f ON f.id = d.profile_id LEFT JOIN things_watch w ON w.device_id = p.device_id
WHERE d.active AND f.ladders <> '[]' AND p.stored > coalesce(w.seen, 0) AND p.seen_at < now() - interval '30 seconds'
"""
REFUSALS = "SELECT coalesce(sum(n), 0) FROM things_refusal WHERE day >= current_date - 1"
WRONG_CLOCKS = f"""
SELECT count(DISTINCT device_id) FROM things_refusal
WHERE day >= current_date - 1 AND reason IN ('{RefusalReason.FUTURE}', '{RefusalReason.OLD}')
"""  # noqa: S608
# Tables are made three days ahead, so that one which is missing is noticed before readings are lost.
TOMORROW_EXISTS = """
SELECT to_regclass('things_reading_' || to_char(now() AT TIME ZONE 'UTC' + interval '1 day', 'YYYYMMDD')) IS NOT NULL
"""


def findings(connection: psycopg.Connection) -> Findings:
    yield from _device_findings(connection)
    yield from _listener_findings(connection)
    yield from _watch_findings(connection)


def _device_findings(connection: psycopg.Connection) -> Findings:
    count, missed_count, never_count = connection.execute(DEVICES).fetchone() or (0, 0, 0)
    refusals, tomorrow_exists = (_fetch_count(connection, query) for query in (REFUSALS, TOMORROW_EXISTS))
    text = f"{count:,} devices, {missed_count:,} not heard from, {never_count:,} never heard; "
    text += f"{refusals:,} readings refused since yesterday"
    yield Finding(
        "sensors", "note" if missed_count else "good", text, "the page Sensors of the city names them, with reasons"
    )
    if wrong_clocks := _fetch_count(connection, WRONG_CLOCKS):
        mend = "set the clocks of these devices: nothing that they measure can be believed"
        text = f"{wrong_clocks:,} devices spoke of the future or of more than a week ago"
        yield Finding("sensors", "note", text, mend)
    if not tomorrow_exists:
        mend = "is the worker running? else `qlue pg psql -c 'SELECT things_make_days(current_date, current_date + 3)'`"
        yield Finding("sensors", "bad", "there is no table for tomorrow's readings", mend)


def _listener_findings(connection: psycopg.Connection) -> Findings:
    row = connection.execute(LISTENERS, [LIVING_S]).fetchone()
    living_count, device_count, listener_count, until = row or (0, 0, 0, None)
    if living_count:
        text = f"{living_count} running, {device_count:,} devices connected"
        strangers = connection.execute(STRANGERS, [LIVING_S]).fetchall()
        if strangers:
            text += "; strangers turned away: " + ", ".join(f"{reason} {n:,}" for reason, n in strangers)
        yield Finding("sensor listener", "good", text)
    elif listener_count:
        # Where none has ever run, as with a database alone, silence is no fault.
        mend = "is `qlue up` running? then read logs/sensors.log in the home"
        yield Finding("sensor listener", "note", "no process takes readings over MQTT", mend)
    if until and until < now() + RENEW_WITHIN:
        mend = "renew the files of QLUE_MQTT_CERT and QLUE_MQTT_KEY; the listener reads them again by itself"
        yield Finding("sensor listener", "bad" if until < now() else "note", f"its certificate ends {until:%F}", mend)


def _watch_findings(connection: psycopg.Connection) -> Findings:
    unjudged_count = _fetch_count(connection, UNJUDGED)
    text = f"{unjudged_count:,} devices have news that nobody has judged" if unjudged_count else "up to date"
    mend = "is `qlue up` running? then read logs/sensor-watch.log in the home"
    yield Finding("sensor alarms", "note" if unjudged_count else "good", text, mend)


def _fetch_count(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
