from django.urls import path

from console.sources.views import (
    accounts,
    by_hand,
    configuration,
    discovery,
    export,
    lists,
    removal,
    schema,
)

app_name = "sources"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("export/", export.export, name="export"),
    path("new/", configuration.new, name="new"),
    path("<uuid:source_id>/", lists.detail, name="detail"),
    path("<uuid:source_id>/configuration/", configuration.edit, name="configuration"),
    path("<uuid:source_id>/delete/", configuration.delete, name="delete"),
    path("<uuid:source_id>/schema/", schema.schema, name="schema"),
    path("<uuid:source_id>/schema/new/", schema.add, name="schema_add"),
    path("<uuid:source_id>/schema/discover/", discovery.discover, name="schema_discover"),
    path("<uuid:source_id>/schema/upload/", schema.upload, name="schema_upload"),
    path("<uuid:source_id>/schema/download/", schema.download, name="schema_download"),
    path("<uuid:source_id>/schema/<int:attribute_id>/", schema.edit, name="schema_edit"),
    path("<uuid:source_id>/schema/<int:attribute_id>/remove/", schema.remove, name="schema_remove"),
    path("<uuid:source_id>/accounts/", accounts.list_, name="accounts"),
    path("<uuid:source_id>/accounts/export/", accounts.export, name="accounts_export"),
    path("<uuid:source_id>/accounts/new/", by_hand.add, name="account_add"),
    path("<uuid:source_id>/accounts/removed/", removal.removed, name="accounts_removed"),
    path("<uuid:source_id>/accounts/remove-all/", removal.remove_all, name="accounts_remove_all"),
    path("<uuid:source_id>/accounts/<int:account_id>/", by_hand.account, name="account"),
    path(
        "<uuid:source_id>/accounts/<int:account_id>/remove/",
        removal.remove,
        name="account_remove",
    ),
    path(
        "<uuid:source_id>/accounts/removed/<int:removed_id>/bring-back/",
        removal.bring_back,
        name="account_bring_back",
    ),
]
