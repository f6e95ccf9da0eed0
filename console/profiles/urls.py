from django.urls import path

from console.profiles.views import lists, settings

app_name = "profiles"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("new/", lists.new, name="new"),
    path("<uuid:profile_id>/", settings.detail, name="detail"),
    path("<uuid:profile_id>/delete/", settings.delete, name="delete"),
]
