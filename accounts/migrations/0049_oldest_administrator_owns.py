"""A tenant of before gets an Owner: of the administrators who can sign in, the oldest."""

from django.db import migrations


def appoint(apps, schema_editor):
    rows = apps.get_model("accounts", "LevelAssignment").objects
    if rows.filter(level="owner").exists():
        return
    able = rows.filter(
        level="admin",
        identity__kind="person",
        identity__disabled_at=None,
        identity__deleted_at=None,
    ).exclude(identity__password__startswith="!")
    oldest = able.order_by("identity__created_at", "pk").first()
    if oldest is not None:
        rows.filter(pk=oldest.pk).update(level="owner")


def dismiss(apps, schema_editor):
    rows = apps.get_model("accounts", "LevelAssignment").objects
    for owner in rows.filter(level="owner"):
        rows.filter(level="admin", identity=owner.identity_id).delete()
        rows.filter(pk=owner.pk).update(level="admin")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0048_owner")]
    operations = [migrations.RunPython(appoint, dismiss, elidable=True)]
