"""An index of trigrams finds part of a name among a million on PostgreSQL.

The extension comes with PostgreSQL and the owner of a database may add it; where it cannot be
added, the search reads all names instead.
"""

import logging

from django.db import DatabaseError, migrations, transaction

INDEX = "service_account_name_trigrams"

logger = logging.getLogger(__name__)


def add(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        logger.warning("PostgreSQL has no pg_trgm: a search for names reads all of them")
        return
    schema_editor.execute(
        f"CREATE INDEX IF NOT EXISTS {INDEX} ON accounts_serviceaccount"
        " USING gin (name_key gin_trgm_ops)"
    )


def remove(apps, schema_editor):
    """The extension stays: others may use it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_list_indexes")]

    operations = [migrations.RunPython(add, remove)]
