from django.urls import path

from console.overview import views

app_name = "overview"
urlpatterns = [path("", views.show, name="show")]
