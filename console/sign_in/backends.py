from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.utils import timezone

from accounts.identities.policies import may_sign_in
from accounts.models import Identity


class PasswordBackend(AuthenticationBackend):
    """People and service accounts sign in with user name and password.

    Every attempt costs one run of the password hasher, whoever is named: nothing in the words
    or in the time of a refusal tells whether the name exists, is disabled, has ended or has no
    password yet.
    """

    def _authenticate_by_username(self, username: str, password: str) -> Identity | None:
        try:
            found = Identity.objects.get_by_natural_key(username)
        except Identity.DoesNotExist:
            return None  # allauth then runs the hasher for nobody
        self._did_check_password = True
        # allauth's own check would send a disabled person to a page that says so
        if not found.check_password(password):
            return None
        # who knows the password of an account for programs is told so, and let in nowhere: by
        # `adapter.pre_login`
        for_programs = found.is_active and found.web_services_only
        return found if for_programs or self.user_can_authenticate(found) else None

    def user_can_authenticate(self, user: Identity) -> bool:
        """Asked again at every request, so a session ends with the account that it is of."""
        return may_sign_in(user, at=timezone.now())
