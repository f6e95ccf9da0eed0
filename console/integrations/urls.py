from django.urls import path

from console.integrations import views

app_name = "integrations"
urlpatterns = [
    path("integrations/", views.list_, name="list"),
    path("integrations/export/", views.export, name="export"),
    path("integrations/<uuid:integration_id>/", views.detail, name="detail"),
    path("integrations/<uuid:integration_id>/edit/", views.edit, name="edit"),
    path("integrations/<uuid:integration_id>/remove/", views.remove, name="remove"),
    path("service-accounts/<uuid:account_id>/integrations/new/", views.new, name="new"),
]
