from django.db import migrations

from qlue.kit.db import tenant_policy

# The NIK itself is nowhere: nik_hash is keyed, nik_last4 lets a person recognise it.
MAKE = """
CREATE TABLE reports_aid (
    report_id bigint PRIMARY KEY REFERENCES reports_report ON DELETE CASCADE,
    city_id bigint NOT NULL REFERENCES cities_city,
    nik_hash text,
    nik_last4 text NOT NULL DEFAULT '',
    program text NOT NULL DEFAULT '',
    matter text NOT NULL DEFAULT '',
    household smallint
);
CREATE INDEX reports_aid_nik ON reports_aid (city_id, nik_hash) WHERE nik_hash IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0008_photo_after_hash")]

    operations = [
        migrations.RunSQL(MAKE, "DROP TABLE reports_aid"),
        migrations.RunSQL(tenant_policy("reports_aid"), migrations.RunSQL.noop),
    ]
