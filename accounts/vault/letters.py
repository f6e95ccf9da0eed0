from __future__ import annotations

from django.db import models

from accounts.letters.models import Letter


class VaultLetter(Letter):
    """A mail that tells an owner which stored passwords are due; one tells of all of them."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient"],
                condition=models.Q(tries=0, next_try_at__isnull=False),
                name="one_letter_of_due_passwords",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="vault_letter_due",
            ),
        ]

    def __str__(self) -> str:
        return f"to {self.recipient_id}"
