import django.db.models.deletion
from django.db import migrations, models

from qlue.kit.db import tenant_policy


class Migration(migrations.Migration):
    dependencies = [("reports", "0010_report_newest"), ("cities", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PhotoSweep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("photos", models.IntegerField()),
                ("waiting", models.IntegerField()),
                ("swept", models.IntegerField()),
                ("swept_bytes", models.BigIntegerField()),
                (
                    "city",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cities.city"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(tenant_policy("reports_photosweep"), migrations.RunSQL.noop),
    ]
