from django.db import migrations

from accounts.profiles.processing import storage


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0011_identity_profiles"),
    ]

    operations = [
        migrations.RunPython(storage.tune, storage.leave),
    ]
