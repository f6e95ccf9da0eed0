"""Where Steward connects to by itself, and where never."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from accounts.lib.outgoing import is_allowed, is_public


@pytest.mark.parametrize(
    "address",
    ["10.0.0.5", "192.168.1.10", "172.16.0.9", "fd12:3456:789a::1", "203.0.113.9", "2001:4860::1"]
    + ["64:ff9b::10.0.0.5", "64:ff9b:1::10.0.0.5", "64:ff9b:1:abcd::203.0.113.9"]
    + ["64:ff9b:1:a00:0:500::", "64:ff9b:1:ab0a:0:5::", "64:ff9b:1:abcd:a:0:500:0"],
)
def test_public_and_private_networks_are_connected_to(address: str) -> None:
    assert is_allowed(ip_address(address), loopback=False)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",  # noqa: S104
        "0.0.0.1",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "ff02::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "64:ff9b::168.63.129.16",
        "64:ff9b:1::169.254.169.254",
        "64:ff9b:1:abcd::169.254.169.254",
        "64:ff9b:1:a9fe:a9:fe00::",  # after a prefix of 48 bits
        "64:ff9b:1:aba9:fe:a9fe::",  # of 56 bits
        "64:ff9b:1:abcd:a9:fea9:fe00:0",  # of 64 bits
        "::169.254.169.254",
    ],
)
def test_what_only_this_machine_can_mean_never_is(address: str) -> None:
    assert not is_allowed(ip_address(address), loopback=True)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"],
)
def test_this_machine_is_where_that_is_allowed(address: str) -> None:
    assert is_allowed(ip_address(address), loopback=True)
    assert not is_allowed(ip_address(address), loopback=False)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::8.8.8.8"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["10.0.0.5", "172.31.255.255", "192.168.1.10", "100.64.0.1", "127.0.0.1", "169.254.1.1"]
    + ["198.18.0.1", "192.0.2.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "192.88.99.1"]
    + ["::1", "::", "fd12::1", "fe80::1", "fec0::1", "ff0e::1", "2001:db8::1", "2001:0:1::1"]
    + ["::ffff:10.0.0.5", "64:ff9b::10.0.0.5", "64:ff9b:1::8.8.8.8", "2002:808:808::1"]
    + ["::8.8.8.8"],
)
def test_what_means_something_here_alone_is_not(address: str) -> None:
    assert not is_public(ip_address(address))
