from django.db import migrations

from qlue.kit.ids import CODE_SQL

# Row-level security keeps text operators (not leak-proof) from using an index. This function runs as the tables'
# owner, which is why it repeats the policy's rule itself and returns nothing but ids.
SEARCH = """
CREATE FUNCTION report_words(words text, landmark text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT to_tsvector('simple'::regconfig, words || ' ' || landmark) $$;

CREATE INDEX report_text ON reports_report USING gin (report_words(words, landmark));

CREATE FUNCTION report_search(city bigint, wanted text) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM reports_report
    WHERE report_words(words, landmark) @@ websearch_to_tsquery('simple'::regconfig, wanted)
      AND city_id = city AND current_setting('qlue.city', true) IN (city::text, '*')
    ORDER BY id DESC LIMIT 5000
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_security")]

    operations = [migrations.RunSQL(CODE_SQL), migrations.RunSQL(SEARCH)]
