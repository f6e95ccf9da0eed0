"""Triggers that let nobody change or delete an event, whichever program asks.

On SQLite a later migration that remakes the table (altering a field does) drops its triggers and
must make them again: import `make` and `drop` from `accounts.audit.triggers`.
"""

from django.db import migrations

from accounts.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_event_order")]

    operations = [migrations.RunPython(triggers.make, triggers.drop)]
