from django.urls import path

from console.mail_templates import views

app_name = "mail_templates"
urlpatterns = [
    path("tenant-settings/mail-templates/", views.list_, name="list"),
    path("tenant-settings/mail-templates/<slug:name>/", views.edit, name="edit"),
    path("tenant-settings/mail-templates/<slug:name>/restore/", views.restore, name="restore"),
]
