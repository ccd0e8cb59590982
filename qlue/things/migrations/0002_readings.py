"""Readings by day, what is counted of them, and the walls between cities.

The app's role may make no tables, so the two functions that add and drop days run with their owner's rights.
"""

from django.db import migrations

from qlue.kit.db import tenant_policy

OWN = ("profile", "device", "alarm", "silence", "command", "reading", "pulse", "watch", "refusal", "hour", "day")

TABLES = """
CREATE TABLE things_reading (
    city_id bigint NOT NULL, device_id bigint NOT NULL, at timestamptz NOT NULL, value float8 NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(), field smallint NOT NULL,
    PRIMARY KEY (device_id, field, at)
) PARTITION BY RANGE (at);
CREATE INDEX things_reading_received ON things_reading USING brin (received_at) WITH (pages_per_range = 32);
CREATE TABLE things_pulse (
    device_id bigint PRIMARY KEY, city_id bigint NOT NULL, seen_at timestamptz NOT NULL, last_at timestamptz,
    stored bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE TABLE things_watch (
    device_id bigint PRIMARY KEY, city_id bigint NOT NULL, seen bigint NOT NULL DEFAULT 0, until timestamptz,
    state jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);
CREATE TABLE things_refusal (
    city_id bigint NOT NULL, device_id bigint NOT NULL, day date NOT NULL, reason text NOT NULL,
    n bigint NOT NULL, sample text NOT NULL, last_at timestamptz NOT NULL,
    PRIMARY KEY (city_id, day, device_id, reason)
);
CREATE TABLE things_hour (
    city_id bigint NOT NULL, device_id bigint NOT NULL, at timestamptz NOT NULL, total float8 NOT NULL,
    low float8 NOT NULL, high float8 NOT NULL, n int NOT NULL, field smallint NOT NULL,
    PRIMARY KEY (device_id, field, at)
);
CREATE TABLE things_day (
    city_id bigint NOT NULL, device_id bigint NOT NULL, total float8 NOT NULL,
    low float8 NOT NULL, high float8 NOT NULL, n int NOT NULL, day date NOT NULL, field smallint NOT NULL,
    PRIMARY KEY (device_id, field, day)
);
CREATE TABLE things_rolled (id boolean PRIMARY KEY DEFAULT true CHECK (id), received_to timestamptz NOT NULL);
INSERT INTO things_rolled (received_to) VALUES (now() - interval '8 days');
CREATE UNLOGGED TABLE things_listener (
    name text PRIMARY KEY, address text NOT NULL, started_at timestamptz NOT NULL, beat_at timestamptz NOT NULL,
    connected int NOT NULL, stored bigint NOT NULL, repeated bigint NOT NULL, refused bigint NOT NULL,
    turned_away bigint NOT NULL
);
"""
POLICY = tenant_policy("%1$I").replace("'", "''")
DAYS = f"""
CREATE FUNCTION things_make_days(first date, last date) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $f$
DECLARE one date := greatest(first, current_date - 400); part text; made int := 0;
BEGIN
    WHILE one <= least(last, current_date + 40) LOOP
        part := 'things_reading_' || to_char(one, 'YYYYMMDD');
        IF to_regclass(part) IS NULL THEN
            PERFORM pg_advisory_xact_lock(hashtextextended('things_make_days', 0));
        END IF;
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE things_reading INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
            EXECUTE format('{POLICY}', part);
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'qlue_app') THEN
                EXECUTE format('REVOKE ALL ON %I FROM qlue_app', part);
            END IF;
            EXECUTE format('ALTER TABLE things_reading ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                part, one::text || ' 00:00+00', (one + 1)::text || ' 00:00+00');
            made := made + 1;
        END IF;
        one := one + 1;
    END LOOP;
    RETURN made;
END $f$;
CREATE FUNCTION things_drop_days(before date) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $f$
DECLARE part text; dropped int := 0;
BEGIN
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'things_reading'::regclass
          AND c.relname < 'things_reading_' || to_char(least(before, current_date - 9), 'YYYYMMDD') LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $f$;
REVOKE ALL ON FUNCTION things_make_days(date, date), things_drop_days(date) FROM PUBLIC;
SELECT things_make_days(current_date - 8, current_date + 3);
"""
UNDO = """
DROP FUNCTION things_make_days(date, date); DROP FUNCTION things_drop_days(date);
DROP TABLE things_reading, things_pulse, things_watch, things_refusal, things_hour, things_day, things_rolled,
    things_listener;
"""


class Migration(migrations.Migration):
    dependencies = [("things", "0001_initial")]

    operations = [
        migrations.RunSQL(TABLES, UNDO),
        migrations.RunSQL("".join(tenant_policy(f"things_{name}") for name in OWN), migrations.RunSQL.noop),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
    ]
