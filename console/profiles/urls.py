from django.urls import path

from console.profiles.views import changes, decisions, lists, mappings, settings

app_name = "profiles"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("new/", lists.new, name="new"),
    path("<uuid:profile_id>/", settings.detail, name="detail"),
    path("<uuid:profile_id>/mappings/", mappings.mappings, name="mappings"),
    path("<uuid:profile_id>/mappings/preview/", mappings.preview, name="preview"),
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
