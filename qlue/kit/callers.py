"""Who counts as one caller, for every limit by address."""

from contextlib import suppress
from ipaddress import IPv6Address, ip_address

from qlue.kit.addresses import plain_ip


def rate_limit_key(address: str) -> str:
    """An IPv6 caller owns a /64, so that is what counts; IPv4 written as IPv6 is IPv4; no address is one caller."""
    try:
        found = plain_ip(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return ":".join(found.exploded.split(":")[:4])
    return str(found)


def is_own_machine(host: str) -> bool:
    """True when nobody from outside can come to this address."""
    with suppress(ValueError):
        return ip_address(host.strip("[]")).is_loopback
    return host == "localhost"
