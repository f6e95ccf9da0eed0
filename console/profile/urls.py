from django.urls import path

from console.profile import views

app_name = "profile"
urlpatterns = [
    path("profile/", views.detail, name="detail"),
    path("profile/password/", views.change_password, name="change_password"),
    path("profile/end-sessions/", views.end_sessions, name="end_sessions"),
]
