import django.db.models.deletion
from django.db import migrations, models

from qlue.kit.db import tenant_policy


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cities", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("hash", models.CharField(max_length=64)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                (
                    "city",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cities.city"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("city", "hash"), name="channels_key_once"),
                    models.UniqueConstraint(fields=("city", "name"), name="channels_key_name"),
                ],
            },
        ),
        migrations.RunSQL(tenant_policy("channels_apikey"), migrations.RunSQL.noop),
    ]
