from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_mailed")]

    operations = [migrations.AddField("photo", "dhash", models.BigIntegerField(null=True))]
