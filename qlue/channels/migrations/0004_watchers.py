"""Who did not report may follow too. What stands in the table already belongs to reporters."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0003_mailed"), ("reports", "0009_aid")]

    operations = [
        migrations.AddField(
            "subscriber",
            "role",
            models.CharField(
                choices=[("reporter", "reporter"), ("merged", "merged"), ("watcher", "watcher")],
                db_default="reporter",
                default="reporter",
                max_length=8,
            ),
        ),
        migrations.AddField("subscriber", "waits", models.BooleanField(db_default=False, default=False)),
        migrations.AddField(
            "subscriber",
            "came_from",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="reports.report"
            ),
        ),
    ]
