from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("answering", "0002_ask"),
    ]

    operations = [
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invitation", models.BigIntegerField()),
                ("score", models.PositiveSmallIntegerField()),
                ("session", models.CharField(max_length=64)),
                ("is_click", models.BooleanField(default=False)),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "indexes": [models.Index(fields=["invitation"], name="trace_invitation")],
            },
        ),
    ]
