"""Envelope encryption of secrets that must be read back, and the keys that wrap them."""

from accounts.sealing.envelope import SealBroken as SealBroken
from accounts.sealing.envelope import open_sealed as open_sealed
from accounts.sealing.envelope import seal as seal
from accounts.sealing.sealed import Sealed as Sealed
