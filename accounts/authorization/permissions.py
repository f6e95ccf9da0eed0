from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """One thing that a person may be allowed to do in the console."""

    CONSOLE_OPEN = "console.open"
    SERVICE_ACCOUNT_VIEW = "service_account.view"
    SERVICE_ACCOUNT_VIEW_ALL = "service_account.view_all"
    SERVICE_ACCOUNT_MANAGE = "service_account.manage"
    SERVICE_ACCOUNT_EXPORT = "service_account.export"
    KEY_CLAIM = "key.claim"
    IDENTITY_VIEW = "identity.view"
    IDENTITY_EXPORT = "identity.export"
    IDENTITY_MANAGE = "identity.manage"
    LEVEL_GRANT = "level.grant"
    AUDIT_VIEW = "audit.view"
    AUDIT_EXPORT = "audit.export"
    TENANT_VIEW = "tenant.view"
    TENANT_MANAGE = "tenant.manage"
    SOURCE_VIEW = "source.view"
    SOURCE_MANAGE = "source.manage"
    PROFILE_VIEW = "profile.view"
    PROFILE_MANAGE = "profile.manage"
    JOB_VIEW = "job.view"
    JOB_MANAGE = "job.manage"


IN_WORDS: Final[dict[Permission, str | Promise]] = {
    Permission.CONSOLE_OPEN: _("Open the console"),
    Permission.SERVICE_ACCOUNT_VIEW: _("See the service accounts that one owns"),
    Permission.SERVICE_ACCOUNT_VIEW_ALL: _("See all service accounts"),
    Permission.SERVICE_ACCOUNT_MANAGE: _(
        "Create, change and delete service accounts, and regenerate their keys"
    ),
    Permission.SERVICE_ACCOUNT_EXPORT: _("Export the list of service accounts"),
    Permission.KEY_CLAIM: _("Download a key that waits for one"),
    Permission.IDENTITY_VIEW: _("See all identities"),
    Permission.IDENTITY_EXPORT: _("Export the list of identities"),
    Permission.IDENTITY_MANAGE: _("Add, invite, change, disable and delete people"),
    Permission.LEVEL_GRANT: _("Set the user levels of others"),
    Permission.AUDIT_VIEW: _("Read the audit log"),
    Permission.AUDIT_EXPORT: _("Export the audit log"),
    Permission.TENANT_VIEW: _("See the tenant's settings"),
    Permission.TENANT_MANAGE: _("Change the tenant's settings"),
    Permission.SOURCE_VIEW: _("See sources, their accounts and what was imported"),
    Permission.SOURCE_MANAGE: _("Add and change sources, and import accounts"),
    Permission.PROFILE_VIEW: _("See identity profiles, transforms and what was applied"),
    Permission.PROFILE_MANAGE: _(
        "Add and change identity profiles and transforms, and apply their changes"
    ),
    Permission.JOB_VIEW: _("See background jobs"),
    Permission.JOB_MANAGE: _("Run scheduled jobs at once, and cancel them"),
}
"""What each permission allows, as people read it."""
