import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from qlue.kit.db import tenant_policy


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0003_room_for_updates"),
        ("cities", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BriefReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                (
                    "city",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cities.city",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "briefreader", models.UniqueConstraint(fields=("city", "user"), name="dashboard_briefreader_once")
        ),
        migrations.RunSQL(tenant_policy("dashboard_briefreader"), migrations.RunSQL.noop),
    ]
