from django.urls import path

from console.vault.views import (
    all_access,
    codes,
    edit,
    items,
    lists,
    passwords,
    removal,
    setup,
    sharing,
)

app_name = "vault"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("export/", lists.export, name="export"),
    path("accounts/new/", edit.new, name="new"),
    path("accounts/<uuid:item_id>/", items.detail, name="detail"),
    path("accounts/<uuid:item_id>/settings/", items.settings, name="settings"),
    path("accounts/<uuid:item_id>/activity/", items.activity, name="activity"),
    path("accounts/<uuid:item_id>/edit/", edit.edit, name="edit"),
    path("accounts/<uuid:item_id>/set-up/", items.set_up, name="set_up"),
    path("accounts/<uuid:item_id>/password/", passwords.replace, name="password"),
    path("accounts/<uuid:item_id>/password/reveal/", passwords.reveal, name="reveal"),
    path(
        "accounts/<uuid:item_id>/password/<uuid:password_id>/reveal/",
        passwords.reveal_earlier,
        name="reveal_earlier",
    ),
    path("accounts/<uuid:item_id>/authenticator/", codes.authenticator, name="authenticator"),
    path("accounts/<uuid:item_id>/authenticator/code/", codes.show_code, name="code"),
    path(
        "accounts/<uuid:item_id>/authenticator/remove/",
        codes.remove_authenticator,
        name="remove_authenticator",
    ),
    path("accounts/<uuid:item_id>/backup-codes/", codes.backup_codes, name="backup_codes"),
    path(
        "accounts/<uuid:item_id>/backup-codes/<uuid:code_id>/use/",
        codes.use_backup_code,
        name="use_backup_code",
    ),
    path("accounts/<uuid:item_id>/share/", sharing.share, name="share"),
    path("accounts/<uuid:item_id>/shares/<uuid:share_id>/remove/", sharing.unshare, name="unshare"),
    path("accounts/<uuid:item_id>/give-owner/", sharing.give_owner, name="give_owner"),
    path("accounts/<uuid:item_id>/delete/", removal.delete, name="delete"),
    path("accounts/<uuid:item_id>/restore/", removal.restore, name="restore"),
    path("all-access/", all_access.start, name="all_access"),
    path("all-access/stop/", all_access.stop, name="all_access_stop"),
    path("vaults/", setup.vaults_, name="vaults"),
    path("vaults/new/", setup.new_vault, name="new_vault"),
    path("vaults/<uuid:vault_id>/edit/", setup.edit_vault, name="edit_vault"),
    path("vaults/<uuid:vault_id>/make-default/", setup.make_default, name="make_default"),
    path("vaults/<uuid:vault_id>/delete/", setup.delete_vault, name="delete_vault"),
    path("applications/", setup.applications, name="applications"),
    path(
        "applications/<uuid:application_id>/remove/",
        setup.remove_application,
        name="remove_application",
    ),
]
