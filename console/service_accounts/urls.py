from django.urls import path

from console.service_accounts.views import (
    detail,
    edit,
    gui_access,
    lifecycle,
    lists,
    mine,
    new,
    password_age,
)

app_name = "service_accounts"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("export/", lists.export, name="export"),
    path("disable/", lists.disable_selected, name="disable_selected"),
    path("mine/", mine.mine, name="mine"),
    path("new/", new.new, name="new"),
    path("new/scopes/", new.start, name="start"),
    path("<uuid:account_id>/", detail.detail, name="detail"),
    path("<uuid:account_id>/keys/", detail.keys, name="keys"),
    path("<uuid:account_id>/personal-access-tokens/", detail.tokens, name="tokens"),
    path("<uuid:account_id>/scopes/", detail.scopes, name="scopes"),
    path("<uuid:account_id>/groups/", detail.groups, name="groups"),
    path("<uuid:account_id>/integrations/", detail.integrations, name="integrations"),
    path("<uuid:account_id>/activity/", detail.activity, name="activity"),
    path("<uuid:account_id>/edit/", edit.edit, name="edit"),
    path("<uuid:account_id>/successor/", mine.successor, name="successor"),
    path("<uuid:account_id>/disable/", lifecycle.disable, name="disable"),
    path("<uuid:account_id>/enable/", lifecycle.enable, name="enable"),
    path("<uuid:account_id>/revoke-tokens/", lifecycle.revoke_tokens, name="revoke_tokens"),
    path("<uuid:account_id>/gui-access/", gui_access.remove, name="remove_gui_access"),
    path("<uuid:account_id>/gui-access/restore/", gui_access.restore, name="restore_gui_access"),
    path("<uuid:account_id>/password-age/", password_age.end, name="password_age"),
    path("<uuid:account_id>/delete/", lifecycle.delete, name="delete"),
]
