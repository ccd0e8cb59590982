from django.db import migrations

MAKE = """
CREATE UNLOGGED TABLE kit_rate (key text PRIMARY KEY, period bigint NOT NULL, spent integer NOT NULL)
WITH (fillfactor = 50)
"""


class Migration(migrations.Migration):
    operations = [migrations.RunSQL(MAKE, "DROP TABLE kit_rate")]
