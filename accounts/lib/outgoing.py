"""Which addresses Steward connects to by itself, when somebody configured where.

Private ranges (RFC 1918, unique local IPv6) are allowed: that is where a directory lives. What is
never allowed are addresses that mean something only to this machine or its network card: link-local
ones, among them the metadata services of the clouds, which hand out credentials to whoever asks.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
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
COMPATIBLE: Final = ip_network("::/96")


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


def resolve(host: str, port: int, *, loopback: bool) -> list[Target]:
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
        if is_allowed(ip_address(address), loopback=loopback)
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
