"""Encryption of secrets that must be read again, such as providers' passwords, before they reach the database."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class UnsealError(Exception):
    """Encrypted under another secret key, or damaged."""


def seal(text: str) -> bytes:
    """Fernet (AES-128-CBC, HMAC-SHA256) under a key that follows from the installation's secret key."""
    return _fernet(settings.SECRET_KEY).encrypt(text.encode())


def unseal(ciphertext: bytes | memoryview) -> str:
    """The text of `seal`. Raises UnsealError."""
    try:
        return _fernet(settings.SECRET_KEY).decrypt(bytes(ciphertext)).decode()
    except (InvalidToken, UnicodeDecodeError):
        raise UnsealError from None


@lru_cache(maxsize=4)
def _fernet(secret: str) -> Fernet:
    # `info` parts this key from all others that follow from the same secret.
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"qlue.kit.seal").derive(secret.encode())
    return Fernet(urlsafe_b64encode(key))
