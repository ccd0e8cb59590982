from django.db import migrations

from qlue.kit.db import tenant_policy

TABLES = ("atlas_dataset", "atlas_version", "atlas_place", "atlas_figure")


class Migration(migrations.Migration):
    dependencies = [("atlas", "0001_initial")]

    operations = [migrations.RunSQL(tenant_policy(table), migrations.RunSQL.noop) for table in TABLES]
