"""What the doctor says of the channels: lines that fail, messages given up, and what waits in quarantine."""

import psycopg

from qlue.kit.health import Finding, Findings

FAILING = """
SELECT c.slug, h.kind, h.failures, to_char(h.failing_since, 'YYYY-MM-DD HH24:MI TZ'), h.last_error
FROM channels_linehealth h JOIN cities_city c ON c.id = h.city_id WHERE h.failures > 0 ORDER BY 1, 2
"""
COUNTS = """
SELECT (SELECT count(*) FROM channels_outbound WHERE state IN ('queued', 'sending', 'failed_for_now')),
    (SELECT count(*) FROM channels_outbound WHERE state = 'gave_up'),
    (SELECT count(*) FROM channels_envelope WHERE state = 'quarantine')
        + (SELECT count(*) FROM channels_inbound WHERE state = 'quarantine'),
    (SELECT count(*) FROM channels_envelope WHERE state = 'new' AND received_at < now() - interval '5 minutes')
        + (SELECT count(*) FROM channels_inbound WHERE state = 'new' AND received_at < now() - interval '20 minutes'),
    (SELECT coalesce(sum(n), 0) FROM channels_refusal WHERE reason = 'signature' AND day > current_date - 2)
"""
NOBODY = """
SELECT count(*) FROM channels_alert
WHERE taken_at IS NULL AND climbs_at IS NULL AND raised_at > now() - interval '7 days'
"""
MANY_STRANGERS = 100  # wrongly signed requests in two days


def findings(connection: psycopg.Connection) -> Findings:
    """One line for each thing that somebody should look at; one good one when there is none."""
    connection.execute("SELECT set_config('qlue.city', '*', false)")
    for slug, kind, failures, since, error in connection.execute(FAILING).fetchall():
        words = f"{slug}: {kind} failed {failures} times since {since}: {error}"
        yield Finding("channels", "note", words, f"look at /{slug}/pesan/saluran/ and at the provider's own state page")
    [[nobody]] = connection.execute(NOBODY).fetchall()
    if nobody:
        mend = "open Emergencies (/CITY/darurat/): who should have been called, and where are they reached?"
        yield Finding("channels", "note", f"{nobody:,} emergencies climbed the whole ladder and nobody took them", mend)
    yield from _counted(connection)


def _counted(connection: psycopg.Connection) -> Findings:
    waiting, lost, quarantine, late, strangers = connection.execute(COUNTS).fetchone() or (0, 0, 0, 0, 0)
    desk = "open the message desk (/CITY/pesan/) and try again or leave aside"
    if lost:
        yield Finding("channels", "note", f"{lost:,} messages could not be delivered", desk)
    if quarantine:
        yield Finding("channels", "note", f"{quarantine:,} in quarantine", desk)
    if late:
        yield Finding("channels", "bad", f"{late:,} came in and were not read", "is the worker of `qlue up` running?")
    if strangers >= MANY_STRANGERS:
        mend = "a provider's secret changed, or somebody tries the door: compare the secrets under Message lines"
        yield Finding("channels", "note", f"{strangers:,} wrongly signed requests in two days", mend)
    yield Finding("channels", "good", f"{waiting:,} messages wait to be sent")
