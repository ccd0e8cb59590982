"""Hosts that no camera stands at. Nothing but the name service, so that a reader's process imports little.

Cameras stand in private networks, so private addresses are allowed. Special ones are not: this machine itself, the
link-local range and other places where clouds keep their secrets, and what is no single host. `QLUE_CAMERA_NETWORKS`
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
CLOUDS_OWN = frozenset(map(ip_address, ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")))
Network = IPv4Network | IPv6Network
Place = tuple[socket.AddressFamily, tuple[str, int]]


class BadAddress(ValueError):
    """An address that is not opened; `reason` names why: scheme, host, inside, unknown, folder, missing, odd, networks.

    `words`, for people, name the host that something led to.
    """

    def __init__(self, reason: str, words: str = "") -> None:
        super().__init__(reason)
        self.reason, self.words = reason, words


def check_host(url: str) -> None:
    """Asks the name service where the host is, now; raises `BadAddress` for places that no camera stands at."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        places(parts.hostname or "", parts.port or PORTS[parts.scheme])


def places(host: str, port: int) -> list[Place]:
    """Where the name service says that the host is; raises `BadAddress` when one of these is forbidden."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddress("unknown", host) from None
    named = named_networks()
    for *_rest, place in found:
        if not is_allowed(str(place[0]), named):
            raise BadAddress("inside", f"{host}:{port}")
    return [(family, (str(place[0]), port)) for family, *_rest, place in found]


def connected(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to an address that was checked: the name is asked for once, so it cannot change in between."""
    fault: OSError = OSError("no address")
    for family, place in places(host, port):
        made = socket.socket(family, socket.SOCK_STREAM)
        made.settimeout(seconds)
        try:
            made.connect(place)
        except OSError as error:
            made.close()
            fault = error
        else:
            return made
    raise fault


def named_networks() -> list[Network]:
    """What the installation allows; nothing named allows all but special addresses."""
    text = os.environ.get("QLUE_CAMERA_NETWORKS", "")
    try:
        return [ip_network(one.strip(), strict=False) for one in text.split(",") if one.strip()]
    except ValueError:
        raise BadAddress("networks", text) from None


def is_allowed(address: str, named: Iterable[Network]) -> bool:
    """Whether a camera may stand there."""
    place = plain_ip(address)
    around = [network for network in named if place in network]
    if is_special(place):
        return any(map(_is_all_special, around))
    return bool(around) or not named


def is_special(place: Ip) -> bool:
    """This machine, the clouds' own, and what is no single host."""
    return any(_kinds(place)) or place in CLOUDS_OWN or is_own(place)


def _kinds(place: Ip) -> tuple[bool, ...]:
    return place.is_loopback, place.is_link_local, place.is_multicast, place.is_unspecified, place.is_reserved


def _is_all_special(network: Network) -> bool:
    """Its first and its last address are special in the same way, or it is one address, named on purpose."""
    same = zip(_kinds(network[0]), _kinds(network[-1]), strict=True)
    return network.num_addresses == 1 or any(one and other for one, other in same)


def is_own(place: Ip) -> bool:
    """Whether this machine has the address: only then can a socket be bound to it."""
    family = socket.AF_INET if place.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.bind((str(place), 0))
    except OSError:
        return False
    return True
