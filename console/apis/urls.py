from django.urls import path

from console.apis import scopes, views

app_name = "apis"
urlpatterns = [
    path("tenant-settings/apis/", views.list_, name="list"),
    path("tenant-settings/apis/new/", views.new, name="new"),
    path("tenant-settings/apis/<uuid:api_id>/", views.detail, name="detail"),
    path("tenant-settings/apis/<uuid:api_id>/edit/", views.edit, name="edit"),
    path("tenant-settings/apis/<uuid:api_id>/remove/", views.remove, name="remove"),
    path("tenant-settings/apis/<uuid:api_id>/scopes/new/", scopes.new, name="new_scope"),
    path("tenant-settings/api-scopes/<uuid:scope_id>/edit/", scopes.edit, name="edit_scope"),
    path("tenant-settings/api-scopes/<uuid:scope_id>/remove/", scopes.remove, name="remove_scope"),
]
