from django.db import migrations

from qlue.kit.db import tenant_policy

# `voice` is one device's name in one city, or `report:ID` for who reported a merged duplicate.
MAKE = """
CREATE TABLE reports_support (
    city_id bigint NOT NULL REFERENCES cities_city,
    report_id bigint NOT NULL REFERENCES reports_report ON DELETE CASCADE,
    voice text NOT NULL,
    said text NOT NULL CHECK (said IN ('too', 'not_done')),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (city_id, report_id, said, voice)
);
CREATE INDEX reports_support_report ON reports_support (report_id);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0006_photo_dhash")]

    operations = [
        migrations.RunSQL(MAKE, "DROP TABLE reports_support"),
        migrations.RunSQL(tenant_policy("reports_support"), migrations.RunSQL.noop),
    ]
