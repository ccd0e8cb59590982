import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from qlue.kit.db import tenant_policy


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0004_watchers'),
        ('cities', '0004_category_form'),
        ('reports', '0011_photosweep'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('raised_at', models.DateTimeField()),
                ('rung', models.PositiveSmallIntegerField(default=0)),
                ('climbs_at', models.DateTimeField(null=True)),
                ('taken_at', models.DateTimeField(null=True)),
                ('call', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='channels.call')),
                ('city', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('raised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reports.report')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(models.F('city'), models.OrderBy(models.F('id'), descending=True), name='channels_alert_newest'), models.Index(models.F('city'), models.F('climbs_at'), condition=models.Q(('climbs_at__isnull', False)), name='channels_alert_climbs')],
                'constraints': [models.UniqueConstraint(fields=('city', 'report'), name='channels_alert_once')],
            },
        ),
        migrations.CreateModel(
            name='Reach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=16)),
                ('address', models.CharField(max_length=1000)),
                ('extra', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('city', 'user', 'kind', 'address'), name='channels_reach_once')],
            },
        ),
        *(migrations.RunSQL(tenant_policy(f"channels_{table}"), migrations.RunSQL.noop) for table in ("alert", "reach")),
    ]
