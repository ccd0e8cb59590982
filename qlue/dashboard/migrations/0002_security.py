from django.db import migrations

from qlue.kit.db import tenant_policy

TENANT = ("dashboard_stock", "dashboard_flow", "dashboard_duration", "dashboard_due")
# Sums of public reports, which the national page shows without entering a city: all may read, a city's scope writes.
PUBLIC = ("dashboard_national", "dashboard_nationalday")


def public_tally(table: str) -> str:
    return f"{tenant_policy(table)} CREATE POLICY public_tally ON {table} FOR SELECT USING (true);"


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0001_rollups")]

    operations = [
        *(migrations.RunSQL(tenant_policy(table)) for table in TENANT),
        *(migrations.RunSQL(public_tally(table)) for table in PUBLIC),
    ]
