from django.db import migrations


class Migration(migrations.Migration):
    """The models get the field's names; their tables keep the old ones, so nothing is sent to the database."""

    dependencies = [
        ("work", "0007_proof_scene"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("HandOver", "Transfer"),
                migrations.AlterModelTable("Transfer", "work_handover"),
                migrations.RenameModel("OutsideAsk", "ExternalReferral"),
                migrations.AlterModelTable("ExternalReferral", "work_outsideask"),
                migrations.RenameModel("Seen", "NoticeCursor"),
                migrations.AlterModelTable("NoticeCursor", "work_seen"),
            ],
        ),
    ]
