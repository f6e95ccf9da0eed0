from django.urls import path

from console.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.list_, name="list"),
    path("<uuid:job_id>/", views.detail, name="detail"),
    path("<uuid:job_id>/progress/", views.progress, name="progress"),
    path("<uuid:job_id>/cancel/", views.cancel, name="cancel"),
]
