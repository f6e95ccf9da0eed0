from django.urls import path

from console.profiles.views import lists, mappings, settings

app_name = "profiles"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("new/", lists.new, name="new"),
    path("<uuid:profile_id>/", settings.detail, name="detail"),
    path("<uuid:profile_id>/mappings/", mappings.mappings, name="mappings"),
    path("<uuid:profile_id>/mappings/preview/", mappings.preview, name="preview"),
    path("<uuid:profile_id>/delete/", settings.delete, name="delete"),
]
