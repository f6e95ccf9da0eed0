from django.urls import path

from console.setup import views

app_name = "setup"
urlpatterns = [path("set-up/<str:token>/", views.new, name="new")]
