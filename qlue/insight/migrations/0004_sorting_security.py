from django.db import migrations

from qlue.kit.db import tenant_policy

TABLES = ("insight_trainedmodel", "insight_hint")


class Migration(migrations.Migration):
    dependencies = [("insight", "0003_sorting")]

    operations = [migrations.RunSQL(tenant_policy(table)) for table in TABLES]
