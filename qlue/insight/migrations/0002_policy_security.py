from django.db import migrations

from qlue.kit.db import tenant_policy

TABLES = ("run", "hotspot", "forecast", "intervention", "option", "decision")


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_policy")]

    operations = [
        migrations.RunSQL(tenant_policy(f"insight_{table}"), migrations.RunSQL.noop) for table in TABLES
    ]
