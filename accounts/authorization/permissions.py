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
    TOKEN_OWN = "token.own"  # noqa: S105  # a permission, not a secret
    TOKEN_VIEW_ALL = "token.view_all"  # noqa: S105
    TOKEN_REVOKE_ALL = "token.revoke_all"  # noqa: S105
    SCOPE_GIVE_RESTRICTED = "scope.give_restricted"
    IDENTITY_VIEW = "identity.view"
    IDENTITY_EXPORT = "identity.export"
    IDENTITY_INVITE = "identity.invite"
    IDENTITY_RESET = "identity.reset"
    IDENTITY_DISABLE = "identity.disable"
    IDENTITY_MANAGE = "identity.manage"
    LEVEL_GRANT = "level.grant"
    GROUP_VIEW = "group.view"
    GROUP_MANAGE_OWN = "group.manage_own"
    GROUP_PROVISION = "group.provision"
    GROUP_MANAGE = "group.manage"
    ROLE_MANAGE = "role.manage"
    REQUEST_ASK = "request.own"
    REQUEST_DECIDE = "request.decide"
    REQUEST_VIEW_ALL = "request.view_all"
    VAULT_OWN = "vault.own"
    VAULT_VIEW_ALL = "vault.view_all"
    VAULT_MANAGE = "vault.manage"
    VAULT_ALL_ACCESS = "vault.all_access"
    SOURCE_VIEW = "source.view"
    SOURCE_VIEW_ALL = "source.view_all"
    SOURCE_LOOK_UP = "source.look_up"
    SOURCE_MANAGE = "source.manage"
    SOURCE_MANAGE_ALL = "source.manage_all"
    SOURCE_EMPTY = "source.empty"
    PROFILE_VIEW = "profile.view"
    PROFILE_PROCESS = "profile.process"
    PROFILE_MANAGE = "profile.manage"
    JOB_VIEW = "job.view"
    JOB_VIEW_ALL = "job.view_all"
    JOB_MANAGE = "job.manage"
    API_EXPLORER_USE = "api_explorer.use"
    AUDIT_VIEW = "audit.view"
    AUDIT_EXPORT = "audit.export"
    OUTBOX_VIEW = "outbox.view"
    TENANT_VIEW = "tenant.view"
    TENANT_MANAGE = "tenant.manage"
    TENANT_OWN = "tenant.own"

    @property
    def subject(self) -> str:
        """What it is about: a key of `SUBJECTS`."""
        return self.value.partition(".")[0]


FOR_PEOPLE: Final = frozenset(
    {
        Permission.VAULT_OWN,
        Permission.VAULT_VIEW_ALL,
        Permission.VAULT_MANAGE,
        Permission.VAULT_ALL_ACCESS,
    }
)
"""What nobody but a person has, whatever levels and roles carry."""


IN_WORDS: Final[dict[Permission, str | Promise]] = {
    Permission.CONSOLE_OPEN: _("Open the console and one's own account page"),
    Permission.SERVICE_ACCOUNT_VIEW: _("See the service accounts that one owns"),
    Permission.SERVICE_ACCOUNT_VIEW_ALL: _("See all service accounts"),
    Permission.SERVICE_ACCOUNT_MANAGE: _(
        "Create, change and delete service accounts, and regenerate their keys"
    ),
    Permission.SERVICE_ACCOUNT_EXPORT: _("Export the list of service accounts"),
    Permission.KEY_CLAIM: _("Download a key that waits for one"),
    Permission.TOKEN_OWN: _("Make personal access tokens for oneself and the accounts one owns"),
    Permission.TOKEN_VIEW_ALL: _("See all personal access tokens"),
    Permission.TOKEN_REVOKE_ALL: _("Revoke any personal access token"),
    Permission.SCOPE_GIVE_RESTRICTED: _("Give restricted scopes to service accounts and tokens"),
    Permission.IDENTITY_VIEW: _("See all identities"),
    Permission.IDENTITY_EXPORT: _("Export the list of identities"),
    Permission.IDENTITY_INVITE: _("Invite identities to register"),
    Permission.IDENTITY_RESET: _("Send password links, and reset the registration of identities"),
    Permission.IDENTITY_DISABLE: _("Disable and enable identities, and end their sessions"),
    Permission.IDENTITY_MANAGE: _("Add, change and delete identities"),
    Permission.LEVEL_GRANT: _("Set the user levels of others"),
    Permission.GROUP_VIEW: _("See all groups and roles"),
    Permission.GROUP_MANAGE_OWN: _("Add and remove members of the groups that one manages"),
    Permission.GROUP_PROVISION: _(
        "Add groups that give nothing, and change the members of those that give no more than one "
        "may do oneself"
    ),
    Permission.GROUP_MANAGE: _("Add, change and delete groups, and add and remove their members"),
    Permission.ROLE_MANAGE: _(
        "Add, change and delete roles, and give them to groups and identities"
    ),
    Permission.REQUEST_ASK: _("Ask for access, and decide about what is asked of one"),
    Permission.REQUEST_DECIDE: _("Decide about requests for which there is nobody else"),
    Permission.REQUEST_VIEW_ALL: _("See all requests and decisions"),
    Permission.VAULT_OWN: _(
        "Store accounts in vaults, share those that one owns, and see those shared with one"
    ),
    Permission.VAULT_VIEW_ALL: _("See which accounts are stored, never their secrets"),
    Permission.VAULT_MANAGE: _(
        "Set up vaults and the catalogue of applications, and give an owner to stored accounts "
        "that have none"
    ),
    Permission.VAULT_ALL_ACCESS: _(
        "Turn All-Access Mode on, to open every stored account for a while and for a reason"
    ),
    Permission.SOURCE_VIEW: _("See the sources that one owns, and their accounts"),
    Permission.SOURCE_VIEW_ALL: _("See all sources, and their accounts"),
    Permission.SOURCE_LOOK_UP: _("List all sources and their accounts by a program"),
    Permission.SOURCE_MANAGE: _(
        "Add sources; change, import to and delete the sources that one owns"
    ),
    Permission.SOURCE_MANAGE_ALL: _(
        "Change, import to and delete all sources, and choose their owners"
    ),
    Permission.SOURCE_EMPTY: _("Remove all accounts of a source at once"),
    Permission.PROFILE_VIEW: _("See identity profiles, transforms and what was applied"),
    Permission.PROFILE_PROCESS: _(
        "Have identities processed by a program, where no plan waits for somebody"
    ),
    Permission.PROFILE_MANAGE: _(
        "Add and change identity profiles and transforms, and apply their changes"
    ),
    Permission.JOB_VIEW: _("See background jobs of one's own, and of sources that one sees"),
    Permission.JOB_VIEW_ALL: _("See all background jobs"),
    Permission.JOB_MANAGE: _("Run scheduled jobs at once, and cancel them"),
    Permission.API_EXPLORER_USE: _("Try calls to the programming interfaces in the API explorer"),
    Permission.AUDIT_VIEW: _("Read the audit log"),
    Permission.AUDIT_EXPORT: _("Export the audit log"),
    Permission.OUTBOX_VIEW: _("Read the mail that is kept in the data folder, with its links"),
    Permission.TENANT_VIEW: _("See the tenant's settings"),
    Permission.TENANT_MANAGE: _("Change the tenant's settings"),
    Permission.TENANT_OWN: _("Hand the tenant over to another Owner"),
}
"""What each permission allows, as people read it."""

SUBJECTS: Final[dict[str, str | Promise]] = {
    "console": _("Console"),
    "service_account": _("Service accounts"),
    "key": _("Keys"),
    "token": _("Personal access tokens"),
    "scope": _("Scopes"),
    "identity": _("Identities"),
    "level": _("User levels"),
    "group": _("Groups and roles"),
    "role": _("Roles"),
    "request": _("Requests"),
    "vault": _("Vaults"),
    "source": _("Sources"),
    "profile": _("Identity profiles and transforms"),
    "job": _("Jobs"),
    "api_explorer": _("API explorer"),
    "audit": _("Audit log"),
    "outbox": _("Outbox"),
    "tenant": _("Tenant settings"),
}
"""What permissions are about, in the order in which pages group them."""
