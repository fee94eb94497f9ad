"""Telling clients apart by network address, without keeping the address."""

from collections.abc import Iterable
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from deskbell.errors import MalformedError

type Network = IPv4Network | IPv6Network

_IPV6_PREFIX = 64


def client_key(address: str, excepted: Iterable[Network] = ()) -> str | None:
    """Return a client's key, 32 hex digits, or None for an address in one of the excepted networks.

    A client is one IPv4 address or one IPv6 /64, the least that a network hands to a customer (RFC 6177).
    IPv4 mapped into IPv6 is IPv4. The key hides the address from a reader of the table, not from someone who
    tries all. Raises MalformedError for what is not an address.
    """
    found = _parsed(address)
    if any(found in network for network in excepted):
        return None
    if isinstance(found, IPv6Address):
        client = str(IPv6Network((int(found), _IPV6_PREFIX), strict=False))
    else:
        client = str(found)
    return sha256(f"deskbell client {client}".encode()).hexdigest()[:32]


def networks(text: str) -> tuple[Network, ...]:
    """Parse CIDR blocks and single addresses separated by commas or spaces.

    Raises ValueError naming the first that is neither.
    """
    return tuple(_network(block) for block in text.replace(",", " ").split())


def _network(block: str) -> Network:
    try:
        return ip_network(block)
    except ValueError as error:
        raise ValueError(f"{block!r} is not a network in CIDR notation: {error}") from error


def _parsed(address: str) -> IPv4Address | IPv6Address:
    try:
        found = ip_address(address)
    except ValueError as error:
        raise MalformedError("The request's network address cannot be read.") from error
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found
