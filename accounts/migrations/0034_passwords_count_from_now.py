"""Nobody knows how old the passwords of before are: their age counts from this day."""

from django.db import migrations
from django.utils import timezone


def count_from_now(apps, schema_editor):
    identities = apps.get_model("accounts", "Identity").objects
    without = identities.filter(password_set_at=None).exclude(password__startswith="!")
    without.update(password_set_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0033_password_age")]
    operations = [migrations.RunPython(count_from_now, migrations.RunPython.noop, elidable=True)]
