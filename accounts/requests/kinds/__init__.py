"""What can be asked for: one file a kind."""


def register() -> None:
    """Enter the kinds of this app; another app enters its own when it is ready."""
    from accounts.requests.kinds.base import kinds
    from accounts.requests.kinds.group_membership import GroupMembership
    from accounts.requests.kinds.longer_life import LongerLife
    from accounts.requests.kinds.more_scopes import MoreScopes
    from accounts.requests.kinds.new_service_account import NewServiceAccount
    from accounts.requests.kinds.vault_item import VaultItem

    kinds.register("group_membership", GroupMembership())
    kinds.register("new_service_account", NewServiceAccount())
    kinds.register("more_scopes", MoreScopes())
    kinds.register("longer_life", LongerLife())
    kinds.register("vault_item", VaultItem())
