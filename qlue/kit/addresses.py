"""IP addresses in one form: an IPv4 address inside an IPv6 one, however it is written, is that IPv4 address."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Ip = IPv4Address | IPv6Address
NAT64 = ip_network("64:ff9b::/96")  # RFC 6052


def plain_ip(text: str) -> Ip:
    """The address behind `text`, without its zone; ValueError when it is none."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address
    # The last 32 bits are the IPv4 address; `ipaddress` knows the other two forms but not this one.
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
