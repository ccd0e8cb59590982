import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Look is called AccessLog; its table keeps its name, so nothing is done to the database."""

    dependencies = [('people', '0002_data_request')]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel('Look', 'AccessLog'),
                migrations.AlterModelTable('AccessLog', 'people_look'),
                migrations.AlterField(
                    'AccessLog',
                    'user',
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL
                    ),
                ),
            ]
        )
    ]
