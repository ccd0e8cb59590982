from django.db import migrations

# A function with its owner's rights must not look for its tables among the caller's temporary ones first.
LAST = "ALTER FUNCTION timeline_hush(bigint) SET search_path = public, pg_temp"
FIRST = "ALTER FUNCTION timeline_hush(bigint) SET search_path = public"


class Migration(migrations.Migration):
    dependencies = [("timeline", "0003_hush")]

    operations = [migrations.RunSQL(LAST, FIRST)]
