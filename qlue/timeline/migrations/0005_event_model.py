from django.db import migrations


class Migration(migrations.Migration):
    """The model is called Event; its table keeps its name, which stands in functions, policies and running code."""

    dependencies = [("timeline", "0004_hush_without_temp")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable("happening", "timeline_happening"),
                migrations.RenameModel("Happening", "Event"),
            ]
        )
    ]
