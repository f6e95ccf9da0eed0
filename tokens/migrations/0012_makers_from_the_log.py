"""The makers of tokens that are there already, as the audit log has them."""

from typing import Any
from uuid import UUID

from django.db import migrations


def fill(apps: Any, _schema_editor: Any) -> None:
    events, tokens = apps.get_model("accounts", "Event"), apps.get_model("tokens", "Credential")
    made = events.objects.filter(action="personal_access_token.created").order_by("at", "id")
    for maker, detail in made.values_list("actor_id", "detail").iterator():
        try:
            made_by, token = UUID(maker), UUID(detail["credential"])
        except (KeyError, ValueError):
            continue  # the command line made it
        tokens.objects.filter(pk=token, made_by_id=None).update(made_by_id=made_by)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0030_what_was_used"), ("tokens", "0011_makers_of_tokens")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
