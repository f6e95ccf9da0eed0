from django.urls import path

from console.api_explorer import views

app_name = "api_explorer"
urlpatterns = [
    path("", views.list_, name="list"),
    path("<slug:namespace>/<str:version>/openapi.json", views.export, name="export"),
    path("<slug:namespace>/<str:version>/<str:operation>/", views.call, name="call"),
]
