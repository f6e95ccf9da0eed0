from django.db import migrations

from accounts.imports import storage


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0009_sources_and_imports"),
    ]

    operations = [
        migrations.RunPython(storage.tune, storage.leave),
    ]
