from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The list's index also holds what the dashboard counts under a filter: then no row is looked up for it."""

    atomic = False
    dependencies = [("reports", "0009_aid")]

    operations = [
        AddIndexConcurrently(
            "report",
            models.Index(
                fields=["city", "-created_at", "-id"],
                include=["private", "status", "area", "agency", "category", "due_at", "resolved_at"],
                name="report_newest",
            ),
        ),
        RemoveIndexConcurrently("report", "report_new"),
    ]
