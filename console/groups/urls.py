from django.urls import path

from console.groups.views import detail, edit, export, lists, members, removal

app_name = "groups"
urlpatterns = [
    path("groups/", lists.list_, name="list"),
    path("groups/export/", export.export, name="export"),
    path("groups/new/", edit.new, name="new"),
    path("groups/<uuid:group_id>/", detail.detail, name="detail"),
    path("groups/<uuid:group_id>/activity/", detail.activity, name="activity"),
    path("groups/<uuid:group_id>/edit/", edit.edit, name="edit"),
    path("groups/<uuid:group_id>/delete/", removal.delete, name="delete"),
    path("groups/<uuid:group_id>/members/", detail.members, name="members"),
    path("groups/<uuid:group_id>/members/add/", members.add, name="add_member"),
    path("groups/<uuid:group_id>/members/names/", members.names, name="names"),
    path("groups/<uuid:group_id>/members/<uuid:identity_id>/", members.change, name="member"),
    path(
        "groups/<uuid:group_id>/members/<uuid:identity_id>/remove/",
        members.remove,
        name="remove_member",
    ),
    path("identities/<uuid:identity_id>/groups/add/", members.join, name="join"),
]
