"""The audit log: one append-only row for everything that was done, tried or refused."""

from accounts.audit.record import record as record
