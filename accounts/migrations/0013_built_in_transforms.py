from django.db import migrations

from accounts.profiles import built_in


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0012_profile_storage"),
    ]

    operations = [
        migrations.RunPython(built_in.add, built_in.remove),
    ]
