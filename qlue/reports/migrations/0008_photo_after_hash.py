from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("reports", "0007_support")]

    operations = [
        AddIndexConcurrently(
            "photo",
            models.Index(
                fields=["city"],
                include=["dhash", "report"],
                condition=models.Q(("kind", "before"), _negated=True),
                name="photo_after_hash",
            ),
        )
    ]
