from django.urls import path

from console.transforms.views import editor, importing, lists, trying

app_name = "transforms"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("new/", editor.new, name="new"),
    path("types/", lists.types, name="types"),
    path("try/", trying.try_, name="try"),
    path("import/", importing.import_, name="import"),
    path("export/", lists.export, name="export"),
    path("<uuid:transform_id>/", lists.detail, name="detail"),
    path("<uuid:transform_id>/edit/", editor.edit, name="edit"),
    path("<uuid:transform_id>/delete/", editor.delete, name="delete"),
]
