"""The watch keeps the time of the last reading for each field; of a device only when it was last judged."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("things", "0002_readings")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE things_watch RENAME COLUMN until TO judged_at",
            "ALTER TABLE things_watch RENAME COLUMN judged_at TO until",
        )
    ]
