"""IP addresses as they are meant: several ways of writing one IPv4 address inside an IPv6 one are that address."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Ip = IPv4Address | IPv6Address
NAT64 = ip_network("64:ff9b::/96")  # RFC 6052


def plain_ip(text: str) -> Ip:
    """The address behind `text`, without its zone; ValueError when it is none."""
    found = ip_address(text.partition("%")[0])
    if isinstance(found, IPv4Address):
        return found
    if found in NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or found
