"""Addresses of cameras: their form, and their credentials, which are stored apart and encrypted."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from cryptography.fernet import Fernet, InvalidToken

from qlue.vision.sources.hosts import BadAddress

SCHEMES = {"rtsp": ("rtsp", "rtsps"), "hls": ("http", "https"), "mjpeg": ("http", "https"), "file": ("file",)}
MAX_LENGTH = 500
MASK = "•••"


@dataclass(frozen=True)
class Address:
    """A camera's address without its credentials, and those apart ('' when there are none)."""

    url: str
    credentials: str

    @property
    def display_url(self) -> str:
        """For pages: shows that there are credentials, never which."""
        return with_credentials(self.url, MASK).replace(quote(MASK), MASK) if self.credentials else self.url


def parse_address(kind: str, text: str, videos: Path) -> Address:
    """Checks the form of an address; raises `BadAddress`. A file's name is relative to the folder `videos`."""
    text = text.strip()
    if len(text) > MAX_LENGTH or any(letter.isspace() or ord(letter) < 32 for letter in text):
        raise BadAddress("odd")
    if kind == "file":
        return Address(f"file:{_file_below(videos, text.removeprefix('file:').lstrip('/'))}", "")
    # urlsplit parses the port only when it is asked for, and raises then.
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddress("odd") from None
    if parts.scheme not in SCHEMES.get(kind, ()):
        raise BadAddress("scheme")
    if not host or port == 0:
        raise BadAddress("host")
    login = parts.netloc.rpartition("@")[0]
    netloc = parts.netloc.rpartition("@")[2]
    return Address(urlunsplit((parts.scheme, netloc, parts.path, parts.query, "")), unquote(login))


def _file_below(videos: Path, name: str) -> str:
    """The name relative to `videos`; links and dots that lead out of it are refused."""
    # resolve() follows links first, so that what is compared is where the file really lies.
    try:
        inside = (videos / name).resolve().relative_to(videos.resolve())
    except (ValueError, OSError):
        raise BadAddress("folder") from None
    if not (videos / inside).is_file():
        raise BadAddress("missing")
    return inside.as_posix()


def with_credentials(url: str, credentials: str) -> str:
    """The URL with its credentials, for the reader only."""
    if not credentials:
        return url
    parts = urlsplit(url)
    name, colon, password = credentials.partition(":")
    # Encoded on our own: passwords hold characters such as @ and /, which people paste as they are.
    login = quote(name, safe="") + (f":{quote(password, safe='')}" if colon else "")
    return urlunsplit((parts.scheme, f"{login}@{parts.netloc}", parts.path, parts.query, ""))


def encrypt_credentials(secret_key: str, credentials: str) -> str:
    """A Fernet token (AES-128-CBC and HMAC-SHA256) under a key derived from the installation's; '' stays ''."""
    return _credentials_cipher(secret_key).encrypt(credentials.encode()).decode() if credentials else ""


def decrypt_credentials(secret_key: str, token: str) -> str:
    """The credentials of a token; raises `BadAddress` ("secret") when the installation's key has changed."""
    try:
        return _credentials_cipher(secret_key).decrypt(token.encode()).decode() if token else ""
    except InvalidToken:
        raise BadAddress("secret") from None


def _credentials_cipher(secret_key: str) -> Fernet:
    # The key is long and random already: scrypt only separates this use of it from others, so it may be quick.
    key = hashlib.scrypt(secret_key.encode(), salt=b"qlue camera credentials", n=2**12, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(key))
