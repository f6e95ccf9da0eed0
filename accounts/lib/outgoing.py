"""Which addresses Steward connects to by itself, when somebody configured where.

For a directory private ranges (RFC 1918, unique local IPv6) are allowed: that is where it lives.
Applications are called at public addresses, unless the tenant lists others. What is never allowed
are addresses that mean something only to this machine or its network card: link-local ones, among
them the metadata services of the clouds, which hand out credentials to whoever asks.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address

NEVER: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # RFC 1122: "this network"; Linux takes it for this machine
            "100.100.100.200/32",  # metadata of Alibaba Cloud
            "168.63.129.16/32",  # the host below a machine in Azure
            "192.0.0.192/32",  # metadata of Oracle Cloud
            "fd00:ec2::/32",  # metadata of AWS by IPv6
            "fd20:ce::254/128",  # metadata of Google Cloud by IPv6
        ),
    )
)
NAT64: Final = ip_network("64:ff9b::/96")
LOCAL_NAT64: Final = ip_network("64:ff9b:1::/48")
"""RFC 8215: a network translates by whichever part of it."""
COMPATIBLE: Final = ip_network("::/96")
NOT_PUBLIC: Final = tuple(
    map(
        ip_network,
        (
            "192.88.99.0/24",  # relays of 6to4
            "2001::/32",  # Teredo: some IPv4 address, in disguise
            "2002::/16",  # 6to4, the same
            "64:ff9b:1::/48",  # NAT64 of this network: what it translates to is its own business
            "::/96",  # IPv4-compatible, long out of use
            "fec0::/10",  # site-local, long out of use
        ),
    )
)
"""Beside what `is_global` says, which differs between versions of Python."""


@dataclass(frozen=True)
class Target:
    """A checked address. To connect to it, and not to the name again, is what makes it safe."""

    family: int
    address: str
    port: int


class Refused(Exception):
    """The name leads only to addresses that are not connected to; the text is one of them."""


def is_allowed(address: Address, *, loopback: bool) -> bool:
    """Whether to connect there; `loopback` says whether this machine itself is allowed."""
    forms = set(_forms(address))
    if any(each.is_loopback for each in forms):
        return loopback
    return not any(
        each.is_link_local
        or each.is_multicast
        or each.is_unspecified
        or (each.version == 4 and each.is_reserved)
        or any(each in network for network in NEVER if network.version == each.version)
        for each in forms
    )


def is_public(address: Address) -> bool:
    """Whether it is an address of the internet, which means the same to everybody."""
    return is_allowed(address, loopback=False) and all(
        each.is_global
        and not any(each in network for network in NOT_PUBLIC if network.version == each.version)
        for each in _forms(address)
    )


def resolve(host: str, port: int, *, allows: Callable[[Address], bool]) -> list[Target]:
    """The allowed addresses of a host, in the resolver's order.

    Raises:
        OSError: the name has no address (`socket.gaierror`).
        Refused: it has, and none is allowed.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys((family, str(place[0])) for family, *_rest, place in found)
    allowed = [
        Target(family, address, port)
        for family, address in addresses
        if allows(ip_address(address))
    ]
    if not allowed:
        raise Refused(next(iter(addresses))[1])
    return allowed


def _forms(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 address that it may be another spelling of."""
    yield address
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address in NAT64 or (address in COMPATIBLE and int(address) > 1):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    if address in LOCAL_NAT64:
        yield from _translated(int(address))


def _translated(address: int) -> Iterator[IPv4Address]:
    """What an address of 128 bits means to a translator, whatever the length of its prefix is.

    RFC 6052 section 2.2: after a prefix of 48, 56 or 64 bits the IPv4 address goes around the
    bits 64 to 71, and these and what follows it are zero; after one of 96 bits it is the rest.
    What reads as 0.x.y.z with one length of the prefix was meant with another.
    """
    readings = [address & 0xFFFFFFFF]
    without_gap = address >> 64 << 56 | address & (1 << 56) - 1
    for prefix in (48, 56, 64):
        rest = 120 - prefix - 32
        if not address >> 56 & 0xFF and not without_gap & (1 << rest) - 1:
            readings.append(without_gap >> rest & 0xFFFFFFFF)
    return (IPv4Address(reading) for reading in readings if reading >> 24)
