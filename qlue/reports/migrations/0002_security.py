from django.db import migrations

from qlue.kit.db import tenant_policy

TABLES = ("reports_report", "reports_contact", "reports_photo", "reports_mapcell")


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunSQL(tenant_policy(table)) for table in TABLES]
