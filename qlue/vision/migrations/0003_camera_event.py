from django.db import migrations


class Migration(migrations.Migration):
    """The model gets a name of its own; the table is named first, so that it stays where it is."""

    dependencies = [("vision", "0002_security")]

    operations = [
        migrations.AlterModelTable("event", "vision_event"),
        migrations.RenameModel("Event", "CameraEvent"),
    ]
