"""Which hosts may be opened as cameras. Needs only the name service, so that a reader's process imports little.

Cameras stand in private networks, so private addresses are allowed. Special ones are not: this machine itself, the
link-local range and other places where clouds keep their secrets, and what is not a single host. `QLUE_CAMERA_NETWORKS`
(such as `10.20.0.0/16,2001:db8::/32`) narrows it to the networks named there. A special address is opened only where
a network is named that holds nothing but special ones: `127.0.0.0/8` for trying things out on one machine.
"""

import os
import socket
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from qlue.kit.addresses import Ip, plain_ip

PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
# Metadata services of Azure, Alibaba and AWS (over IPv6); the others have 169.254.169.254, which is link-local.
CLOUD_METADATA = frozenset(map(ip_address, ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")))
Network = IPv4Network | IPv6Network
SocketAddress = tuple[socket.AddressFamily, tuple[str, int]]


class BadAddress(ValueError):
    """An address that is not opened; `reason` names why: scheme, host, inside, unknown, folder, missing, odd, networks.

    `detail`, for people, names the host that something led to.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def check_host(url: str) -> None:
    """Raises `BadAddress` unless all addresses of the URL's host, as the name service gives them now, may be opened."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        resolve_host(parts.hostname or "", parts.port or PORTS[parts.scheme])


def resolve_host(host: str, port: int) -> list[SocketAddress]:
    """The addresses of a host; raises `BadAddress` when one of them may not be opened."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddress("unknown", host) from None
    networks = allowed_networks()
    for *_rest, address in answers:
        if not is_allowed(str(address[0]), networks):
            raise BadAddress("inside", f"{host}:{port}")
    return [(family, (str(address[0]), port)) for family, *_rest, address in answers]


def connect_checked(host: str, port: int, seconds: float) -> socket.socket:
    """Connects to an address that was checked. The name is resolved once, so that it cannot change in between."""
    fault: OSError = OSError("no address")
    for family, address in resolve_host(host, port):
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            fault = error
        else:
            return connection
    raise fault


def allowed_networks() -> list[Network]:
    """The networks of `QLUE_CAMERA_NETWORKS`; none allow all but special addresses. Raises `BadAddress` for garbage."""
    text = os.environ.get("QLUE_CAMERA_NETWORKS", "")
    try:
        return [ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]
    except ValueError:
        raise BadAddress("networks", text) from None


def is_allowed(address: str, networks: Iterable[Network]) -> bool:
    """Whether a camera at this address may be opened."""
    ip = plain_ip(address)
    matches = [network for network in networks if ip in network]
    if is_special(ip):
        return any(map(_is_all_special, matches))
    return bool(matches) or not networks


def is_special(ip: Ip) -> bool:
    """This machine, metadata services of clouds, and what is not a single host."""
    return any(_special_kinds(ip)) or ip in CLOUD_METADATA or is_local(ip)


def _special_kinds(ip: Ip) -> tuple[bool, ...]:
    return ip.is_loopback, ip.is_link_local, ip.is_multicast, ip.is_unspecified, ip.is_reserved


def _is_all_special(network: Network) -> bool:
    """Its first and last address are special in the same way, or it is a single address, named on purpose."""
    pairs = zip(_special_kinds(network[0]), _special_kinds(network[-1]), strict=True)
    return network.num_addresses == 1 or any(first and last for first, last in pairs)


def is_local(ip: Ip) -> bool:
    """Whether the address is this machine's own: only then can a socket be bound to it."""
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(ip), 0))
    except OSError:
        return False
    return True
