"""Letters that went out before there was an outbox stand in it, so that none goes out twice; their old table ends."""

from django.db import migrations

MOVE = """
INSERT INTO channels_outbound (city_id, key, uuid, kind, address, body, report_id, state, tries, error, provider_id,
    created_at, next_at, give_up_at, sent_at)
SELECT m.city_id, left('report:' || m.happening_id || ':mail:' || c.email, 200), gen_random_uuid(), 'mail', c.email,
    '{"text": ""}', m.report_id, 'sent', 1, '', '', now(), now(), now(), now()
FROM reports_mailed m JOIN reports_contact c ON c.city_id = m.city_id AND c.report_id = m.report_id AND c.email <> ''
ON CONFLICT DO NOTHING;
DROP TABLE reports_mailed;
"""
RENAME = """
UPDATE procrastinate_jobs SET task_name = 'qlue.channels.jobs.notify_reporter'
WHERE task_name = 'qlue.reports.jobs.notify_reporter' AND status = 'todo'
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0002_messages"), ("reports", "0006_photo_dhash"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RunSQL(RENAME, migrations.RunSQL.noop),
    ]
