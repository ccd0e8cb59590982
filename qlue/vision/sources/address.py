"""Addresses of cameras: what we open at all, and their credentials apart, encrypted."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from cryptography.fernet import Fernet, InvalidToken

from qlue.vision.sources.hosts import BadAddress

KINDS = {"rtsp": ("rtsp", "rtsps"), "hls": ("http", "https"), "mjpeg": ("http", "https"), "file": ("file",)}
LONGEST = 500
HIDDEN = "•••"


@dataclass(frozen=True)
class Address:
    """A camera's address without its credentials, and those apart ('' when there are none)."""

    url: str
    credentials: str

    @property
    def shown(self) -> str:
        """For people: that there are credentials, never which."""
        return with_credentials(self.url, HIDDEN).replace(quote(HIDDEN), HIDDEN) if self.credentials else self.url


def parse(kind: str, text: str, videos: Path) -> Address:
    """The address, checked for its form; raises `BadAddress`. A file is named below the folder `videos`."""
    text = text.strip()
    if len(text) > LONGEST or any(letter.isspace() or ord(letter) < 32 for letter in text):
        raise BadAddress("odd")
    if kind == "file":
        return Address(f"file:{_file_below(videos, text.removeprefix('file:').lstrip('/'))}", "")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddress("odd") from None
    if parts.scheme not in KINDS.get(kind, ()):
        raise BadAddress("scheme")
    if not host or port == 0:
        raise BadAddress("host")
    login = parts.netloc.rpartition("@")[0]
    place = parts.netloc.rpartition("@")[2]
    return Address(urlunsplit((parts.scheme, place, parts.path, parts.query, "")), unquote(login))


def _file_below(videos: Path, name: str) -> str:
    """The name relative to `videos`; links and dots that lead out of it are refused."""
    try:
        inside = (videos / name).resolve().relative_to(videos.resolve())
    except (ValueError, OSError):
        raise BadAddress("folder") from None
    if not (videos / inside).is_file():
        raise BadAddress("missing")
    return inside.as_posix()


def with_credentials(url: str, credentials: str) -> str:
    """The URL as the camera wants it."""
    if not credentials:
        return url
    parts = urlsplit(url)
    name, colon, password = credentials.partition(":")
    login = quote(name, safe="") + (f":{quote(password, safe='')}" if colon else "")
    return urlunsplit((parts.scheme, f"{login}@{parts.netloc}", parts.path, parts.query, ""))


def encrypt(secret_key: str, credentials: str) -> str:
    """Fernet (AES-128-CBC + HMAC-SHA256) under a key that follows from the installation's own; '' stays ''."""
    return _fernet(secret_key).encrypt(credentials.encode()).decode() if credentials else ""


def decrypt(secret_key: str, kept: str) -> str:
    """The credentials again; raises `BadAddress` ("secret") when the installation's key is another one now."""
    try:
        return _fernet(secret_key).decrypt(kept.encode()).decode() if kept else ""
    except InvalidToken:
        raise BadAddress("secret") from None


def _fernet(secret_key: str) -> Fernet:
    key = hashlib.scrypt(secret_key.encode(), salt=b"qlue camera credentials", n=2**12, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(key))
