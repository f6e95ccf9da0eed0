from django.urls import path

from console.preferences import views

app_name = "preferences"
urlpatterns = [path("preferences/theme/", views.theme, name="theme")]
