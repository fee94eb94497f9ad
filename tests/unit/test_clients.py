"""Which requests count as one client's."""

import pytest

from deskbell.clients import client_key, networks
from deskbell.errors import MalformedError


def test_one_ipv4_address_is_one_client() -> None:
    assert client_key("203.0.113.7") == client_key("203.0.113.7")
    assert client_key("203.0.113.7") != client_key("203.0.113.8")


def test_one_ipv6_64_is_one_client() -> None:
    assert client_key("2001:db8:0:1::7") == client_key("2001:db8:0:1:ffff::9")
    assert client_key("2001:db8:0:1::7") != client_key("2001:db8:0:2::7")


def test_an_ipv6_address_below_2_to_the_32_is_not_taken_for_ipv4() -> None:
    assert client_key("::1") != client_key("0.0.0.1")


def test_ipv4_mapped_into_ipv6_is_the_ipv4_client() -> None:
    assert client_key("::ffff:203.0.113.7") == client_key("203.0.113.7")
    assert client_key("::ffff:127.0.0.1", networks("127.0.0.0/8")) is None


def test_the_key_does_not_show_the_address() -> None:
    key = client_key("203.0.113.7")
    assert key is not None
    assert len(key) == 32
    assert "203" not in key


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "::1", "2001:db8::5"])
def test_addresses_in_an_excepted_network_have_no_key(address: str) -> None:
    assert client_key(address, networks("10.0.0.0/8, 127.0.0.1 ::1/128,2001:db8::/32")) is None


def test_no_exceptions_are_an_empty_text() -> None:
    assert networks("") == networks(" , ") == ()


@pytest.mark.parametrize("block", ["10.0.0.0/33", "10.0.0.1/8", "office", "300.1.1.1"])
def test_a_block_that_is_no_network_is_named(block: str) -> None:
    with pytest.raises(ValueError, match=block.replace(".", r"\.")):
        networks(f"127.0.0.0/8, {block}")


@pytest.mark.parametrize("address", ["", "unknown", "203.0.113.7:443", "203.0.113"])
def test_what_is_not_an_address_is_refused(address: str) -> None:
    with pytest.raises(MalformedError):
        client_key(address)
