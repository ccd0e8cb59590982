from django.db import migrations

# Rows are counted up in place again and again: with room on its page an update touches no index.
TABLES = ("stock", "flow", "duration", "due", "national", "nationalday")


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0002_security")]

    operations = [
        migrations.RunSQL(f"ALTER TABLE dashboard_{name} SET (fillfactor = 70)", migrations.RunSQL.noop) for name in TABLES
    ]
