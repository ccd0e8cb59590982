"""Who counts as one caller, for every limit by address."""

from contextlib import suppress
from ipaddress import IPv6Address, ip_address

from qlue.kit.addresses import plain_ip


def rate_limit_key(address: str) -> str:
    """The key under which a caller is counted; callers whose address cannot be read share one."""
    try:
        ip = plain_ip(address)
    except ValueError:
        return "unknown"
    # A provider gives each customer a /64, from which one device can take any number of addresses.
    if isinstance(ip, IPv6Address):
        return ":".join(ip.exploded.split(":")[:4])
    return str(ip)


def is_own_machine(host: str) -> bool:
    """True when nobody from outside can come to this address."""
    with suppress(ValueError):
        return ip_address(host.strip("[]")).is_loopback
    return host == "localhost"
