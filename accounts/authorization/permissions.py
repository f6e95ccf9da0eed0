from enum import StrEnum


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
