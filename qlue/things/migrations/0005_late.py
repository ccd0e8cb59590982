"""Readings that came behind newer ones, until the watch has looked at them; when an alarm was learnt of.

`seen_at` is when somebody could know of an alarm first, `measured_at` the time of the last value that was judged.
"""

from django.db import migrations, models
from django.db.models.functions import Now

from qlue.kit.db import tenant_policy

LATE = """
CREATE TABLE things_late (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, city_id bigint NOT NULL, device_id bigint NOT NULL,
    field smallint NOT NULL, first_at timestamptz NOT NULL, last_at timestamptz NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("things", "0004_listener_tells_more")]

    operations = [
        migrations.RunSQL(LATE + tenant_policy("things_late"), "DROP TABLE things_late"),
        migrations.AddField("alarm", "seen_at", models.DateTimeField(db_default=Now())),
        migrations.AddField("alarm", "measured_at", models.DateTimeField(db_default=Now())),
        migrations.RunSQL(
            "UPDATE things_alarm SET seen_at = opened_at, measured_at = coalesce(closed_at, changed_at)",
            migrations.RunSQL.noop,
        ),
    ]
