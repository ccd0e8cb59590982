from django.db import migrations

from qlue.kit.db import append_only, tenant_policy

ORDERED = """
ALTER TABLE timeline_happening ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX happening_order ON timeline_happening (xid, id);
"""


class Migration(migrations.Migration):
    dependencies = [("timeline", "0001_initial")]

    operations = [
        migrations.RunSQL(ORDERED),
        migrations.RunSQL(tenant_policy("timeline_happening")),
        migrations.RunSQL(append_only("timeline_happening")),
    ]
