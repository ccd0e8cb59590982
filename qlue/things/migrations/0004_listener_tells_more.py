"""A listener says why it turned strangers away, and until when its certificate holds."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("things", "0003_judged_at")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE things_listener ADD reasons jsonb NOT NULL DEFAULT '{}', ADD certificate_until timestamptz",
            "ALTER TABLE things_listener DROP reasons, DROP certificate_until",
        )
    ]
