from django.urls import path

from console.sealing import views

app_name = "sealing"
urlpatterns = [
    path("", views.list_, name="list"),
    path("progress/", views.progress, name="progress"),
    path("rotate/", views.rotate, name="rotate"),
    path("rewrap/", views.rewrap, name="rewrap"),
    path("<slug:key>/take-out/", views.take_out, name="take_out"),
]
