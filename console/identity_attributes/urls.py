from django.urls import path

from console.identity_attributes import views

app_name = "identity_attributes"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new/", views.new, name="new"),
    path("<int:identity_attribute_id>/", views.edit, name="edit"),
    path("<int:identity_attribute_id>/remove/", views.remove, name="remove"),
]
