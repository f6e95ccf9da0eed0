from django.urls import path

from console.bundles import views

app_name = "bundles"
urlpatterns = [
    path("tenant-settings/bundles/", views.move, name="move"),
    path("tenant-settings/bundles/export/", views.export, name="export"),
    path("tenant-settings/bundles/plan/", views.plan, name="plan"),
    path("tenant-settings/bundles/import/", views.import_, name="import"),
]
