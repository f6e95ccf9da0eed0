from django.db import migrations

from accounts.groups import built_in


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0031_groups_roles_and_requests"),
    ]

    operations = [
        # they may have members by then, and have been changed: going back leaves them
        migrations.RunPython(built_in.add, migrations.RunPython.noop),
    ]
