from django.db import migrations, models


class Migration(migrations.Migration):
    """The field is called theme; its column keeps the name look, so nothing is done to the database."""

    dependencies = [('cities', '0004_category_form')]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField('city', 'look', 'theme'),
                migrations.AlterField('city', 'theme', models.JSONField(db_column='look', default=dict)),
            ]
        )
    ]
