from django.db import migrations

from qlue.kit.db import tenant_policy

# Which happenings were told to the reporter by mail: each at most once.
MAKE = """
CREATE TABLE reports_mailed (
    city_id bigint NOT NULL REFERENCES cities_city,
    report_id bigint NOT NULL REFERENCES reports_report ON DELETE CASCADE,
    happening_id bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (city_id, happening_id)
);
CREATE INDEX reports_mailed_report ON reports_mailed (report_id);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_importrun")]

    operations = [
        migrations.RunSQL(MAKE, "DROP TABLE reports_mailed"),
        migrations.RunSQL(tenant_policy("reports_mailed"), migrations.RunSQL.noop),
    ]
