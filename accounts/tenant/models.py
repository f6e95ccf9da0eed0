from django.db import models


class TenantSetting(models.Model):
    """A setting that differs from its default; what settings there are stands in `catalogue`."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)

    audit_type = "tenant_setting"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name
