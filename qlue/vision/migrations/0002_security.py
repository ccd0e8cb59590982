from django.db import migrations

from qlue.kit.db import tenant_policy

TABLES = ("camera", "lease", "still", "event", "minute", "count")


class Migration(migrations.Migration):
    dependencies = [("vision", "0001_cameras")]

    operations = [
        *(migrations.RunSQL(tenant_policy(f"vision_{table}"), migrations.RunSQL.noop) for table in TABLES),
        # Live pictures come five times a second and are worthless after a crash; leases change every two seconds.
        migrations.RunSQL("ALTER TABLE vision_still SET UNLOGGED", migrations.RunSQL.noop),
        migrations.RunSQL("ALTER TABLE vision_lease SET (fillfactor = 60)", migrations.RunSQL.noop),
    ]
