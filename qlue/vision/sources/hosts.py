"""Hosts that no camera stands at. Nothing but the name service, so that a reader's process imports little.

Cameras stand in private networks, so private addresses are allowed; this machine itself and the link-local range
(where clouds keep their secrets) are not, unless `QLUE_CAMERA_LOOPBACK=1` says so for trying things out.
"""

import os
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


class BadAddress(ValueError):
    """An address that is not opened; `reason` names why: scheme, host, inside, unknown, folder, missing, odd."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_host(url: str) -> None:
    """Asks the name service where the host is, now; raises `BadAddress` for places that no camera stands at."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or PORTS[parts.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddress("unknown") from None
    for *_rest, place in found:
        if is_forbidden(str(place[0])):
            raise BadAddress("inside")


def is_forbidden(address: str) -> bool:
    """This machine, the link-local range and what is no single host."""
    known = ip_address(address.partition("%")[0])
    plain = getattr(known, "ipv4_mapped", None) or known
    if plain.is_loopback:
        return os.environ.get("QLUE_CAMERA_LOOPBACK") != "1"
    return plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain.is_reserved
