
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0002_ask'),
        ('outreach', '0001_ask'),
        ('surveys', '0002_ask'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='invitation',
            name='invitation_due',
        ),
        migrations.AddField(
            model_name='contactpolicy',
            name='priority_days',
            field=models.PositiveSmallIntegerField(default=14),
        ),
        migrations.AddField(
            model_name='delivery',
            name='run',
            field=models.CharField(blank=True, db_default='', default='', max_length=48),
        ),
        migrations.AddField(
            model_name='eventcase',
            name='contact',
            field=models.ForeignKey(default=None, on_delete=django.db.models.deletion.PROTECT, related_name='event_cases', to='customers.contact'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invitation',
            name='reminded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='outboxmessage',
            name='provider_id',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='outboxmessage',
            name='sender',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outreach.sender'),
        ),
        migrations.AddField(
            model_name='wave',
            name='dry_run',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='wave',
            name='seen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='wave',
            name='written',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='eventcase',
            name='event',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='outreach.touchpointevent'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='wave',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='outreach.wave'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('run', ''), _negated=True), fields=['run'], name='delivery_run'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('disposition', 30)), fields=['wave', 'due_at', 'id'], name='invitation_due'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('disposition__in', [31, 32, 34, 35])), fields=['wave', 'reminders', 'invited_at'], name='invitation_remindable'),
        ),
        migrations.AddConstraint(
            model_name='eventcase',
            constraint=models.UniqueConstraint(condition=models.Q(('event__isnull', True)), fields=('wave', 'contact'), name='came_by_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='outboxmessage',
            constraint=models.UniqueConstraint(condition=models.Q(('direction', 'in')), fields=('channel', 'provider_id'), name='heard_in_once'),
        ),
    ]
