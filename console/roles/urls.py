from django.urls import path

from console.roles.views import detail, edit, export, giving, lists, removal

app_name = "roles"
urlpatterns = [
    path("roles/", lists.list_, name="list"),
    path("roles/export/", export.export, name="export"),
    path("roles/new/", edit.new, name="new"),
    path("roles/<uuid:role_id>/", detail.detail, name="detail"),
    path("roles/<uuid:role_id>/holders/", detail.holders, name="holders"),
    path("roles/<uuid:role_id>/activity/", detail.activity, name="activity"),
    path("roles/<uuid:role_id>/edit/", edit.edit, name="edit"),
    path("roles/<uuid:role_id>/delete/", removal.delete, name="delete"),
    path("identities/<uuid:identity_id>/roles/give/", giving.give, name="give"),
    path("identities/<uuid:identity_id>/roles/<uuid:role_id>/", giving.change, name="given"),
    path("identities/<uuid:identity_id>/roles/<uuid:role_id>/take/", giving.take, name="take"),
]
