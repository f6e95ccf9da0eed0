from django.urls import path

from console.mail import views

app_name = "mail"
urlpatterns = [path("outbox/", views.show, name="outbox")]
