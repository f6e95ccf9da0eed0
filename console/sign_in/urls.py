"""Only these views of allauth have an address. It looks them up by these names."""

from django.urls import path

from console.sign_in import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-out/", views.sign_out, name="account_logout"),
]
