from django.db import migrations

RENAMED = {
    'Line': 'ChannelAccount',
    'LineHealth': 'ChannelHealth',
    'Refusal': 'RefusedRequest',
    'Envelope': 'RawWebhook',
    'Reach': 'AlertContact',
}


class Migration(migrations.Migration):
    """New names for the classes only; the tables keep theirs, so nothing is done to the database."""

    dependencies = [('channels', '0005_alerts')]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                operation
                for old, new in RENAMED.items()
                for operation in (
                    migrations.RenameModel(old, new),
                    migrations.AlterModelTable(new, f'channels_{old.lower()}'),
                )
            ]
        )
    ]
