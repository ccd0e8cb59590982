from django.db import migrations

# The one exception to append-only: a reporter's own words go when the reporter asks for it. What happened, when and by
# whom stays. It runs with the owner's rights and therefore looks at the scope itself.
MAKE = """
CREATE FUNCTION timeline_hush(report bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    WITH hushed AS (UPDATE timeline_happening SET data = data - 'words'
        WHERE city_id = nullif(current_setting('qlue.city', true), '*')::bigint AND report_id = report
            AND actor_role = 'reporter' AND data ? 'words' RETURNING 1)
    SELECT count(*) FROM hushed
$$;
REVOKE ALL ON FUNCTION timeline_hush(bigint) FROM PUBLIC;
DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'qlue_app') THEN
    GRANT EXECUTE ON FUNCTION timeline_hush(bigint) TO qlue_app; END IF; END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("timeline", "0002_ordered_and_append_only")]

    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION timeline_hush(bigint)")]
