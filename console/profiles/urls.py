from django.urls import path

from console.profiles.views import (
    changes,
    decisions,
    exceptions,
    lifecycle_states,
    lists,
    mappings,
    sailpoint,
    settings,
)

app_name = "profiles"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("exceptions/", exceptions.of_all, name="all_exceptions"),
    path("import/", sailpoint.import_, name="import"),
    path("new/", lists.new, name="new"),
    path("<uuid:profile_id>/", settings.detail, name="detail"),
    path("<uuid:profile_id>/mappings/", mappings.mappings, name="mappings"),
    path("<uuid:profile_id>/mappings/preview/", mappings.preview, name="preview"),
    path("<uuid:profile_id>/exceptions/", exceptions.exceptions, name="exceptions"),
    path("<uuid:profile_id>/exceptions/export/", exceptions.export, name="exceptions_export"),
    path("<uuid:profile_id>/export/", sailpoint.export, name="export"),
    path("<uuid:profile_id>/lifecycle-states/", lifecycle_states.list_, name="lifecycle_states"),
    path(
        "<uuid:profile_id>/lifecycle-states/new/",
        lifecycle_states.new,
        name="lifecycle_state_new",
    ),
    path(
        "<uuid:profile_id>/lifecycle-states/<uuid:state_id>/",
        lifecycle_states.edit,
        name="lifecycle_state",
    ),
    path(
        "<uuid:profile_id>/lifecycle-states/<uuid:state_id>/enable/",
        lifecycle_states.enable,
        name="lifecycle_state_enable",
    ),
    path(
        "<uuid:profile_id>/lifecycle-states/<uuid:state_id>/disable/",
        lifecycle_states.disable,
        name="lifecycle_state_disable",
    ),
    path(
        "<uuid:profile_id>/lifecycle-states/<uuid:state_id>/remove/",
        lifecycle_states.remove,
        name="lifecycle_state_remove",
    ),
    path("<uuid:profile_id>/history/", changes.history, name="history"),
    path("<uuid:profile_id>/apply/", decisions.apply, name="apply"),
    path("<uuid:profile_id>/changes/<uuid:processing_id>/", changes.detail, name="processing"),
    path(
        "<uuid:profile_id>/changes/<uuid:processing_id>/progress/",
        changes.progress,
        name="progress",
    ),
    path(
        "<uuid:profile_id>/changes/<uuid:processing_id>/confirm/",
        decisions.confirm,
        name="confirm",
    ),
    path("<uuid:profile_id>/changes/<uuid:processing_id>/cancel/", decisions.cancel, name="cancel"),
    path("<uuid:profile_id>/delete/", settings.delete, name="delete"),
]
