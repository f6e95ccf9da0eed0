"""The audit log knows who set a schedule that is there already."""

from typing import Any

from django.db import migrations


def fill(apps: Any, _schema_editor: Any) -> None:
    schedules, events = apps.get_model("accounts", "Schedule"), apps.get_model("accounts", "Event")
    for schedule in schedules.objects.filter(set_by_id=""):
        told = events.objects.filter(
            action="job.scheduled", subject_type="schedule", subject_id=str(schedule.pk)
        )
        last = told.order_by("-id").first()
        if last is not None:
            schedules.objects.filter(pk=schedule.pk).update(
                set_by_id=last.actor_id, set_by=last.actor_label
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0026_schedules_that_pause")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
