import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("answering", "0003_trace"),
        ("outreach", "0002_draw"),
        ("responses", "0002_ask"),
    ]

    operations = [
        migrations.CreateModel(
            name="Quarantine",
            fields=[
                ("response", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="quarantine", serialize=False, to="responses.response")),
                ("at", models.DateTimeField()),
                ("invitation", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to="outreach.invitation")),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
    ]
