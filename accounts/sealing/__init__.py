"""Envelope encryption of secrets that must be read back."""

from accounts.sealing.envelope import SealBroken as SealBroken
from accounts.sealing.envelope import Sealed as Sealed
from accounts.sealing.envelope import open_sealed as open_sealed
from accounts.sealing.envelope import seal as seal
