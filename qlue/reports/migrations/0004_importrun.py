import django.db.models.deletion
from django.db import migrations, models

from qlue.kit.db import tenant_policy


class Migration(migrations.Migration):
    dependencies = [
        ("cities", "0001_initial"),
        ("reports", "0003_code_and_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source_digest", models.CharField(max_length=64)),
                ("mapping_digest", models.CharField(max_length=64)),
                ("source_name", models.CharField(max_length=200)),
                ("rows_done", models.BigIntegerField()),
                ("inserted", models.BigIntegerField()),
                ("known", models.BigIntegerField()),
                ("rejected", models.BigIntegerField()),
                ("rejects_bytes", models.BigIntegerField()),
                ("started_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "city",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cities.city",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint("city", "source_digest", "mapping_digest", name="importrun_once")
                ],
            },
        ),
        migrations.RunSQL(tenant_policy("reports_importrun")),
    ]
