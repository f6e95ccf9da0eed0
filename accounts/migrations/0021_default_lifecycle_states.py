from django.db import migrations

from accounts.profiles.lifecycle_states import defaults


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0020_lifecycle_states"),
    ]

    operations = [
        migrations.RunPython(defaults.add, defaults.remove),
    ]
