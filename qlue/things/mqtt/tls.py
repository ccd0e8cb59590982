"""TLS for devices that come over the internet: a certificate from two files, read again when they are renewed."""

import ssl
from asyncio import sslproto
from datetime import datetime
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificate

HANDSHAKE_S = 10.0
GOODBYE_S = 5.0
sslproto.SSLProtocol.max_size = 16 * 1024  # asyncio gives every line a buffer of 256 KB; 2,000 lines would be 500 MB


class Unusable(Exception):
    """The two files are no certificate with its key; the words say why."""


class Certificate:
    """`context` serves new lines; those that there are keep the certificate they began with."""

    def __init__(self, chain: Path, key: Path) -> None:
        self.chain, self.key = chain, key
        self.context = _context()
        self.stamp: object = None
        self.until: datetime | None = None
        self.renew()

    def renew(self) -> bool:
        """Reads the files when they are others than before; raises Unusable, and then nothing has changed."""
        try:
            stamp = [(file.stat().st_mtime_ns, file.stat().st_size) for file in (self.chain, self.key)]
            if stamp == self.stamp:
                return False
            until = load_pem_x509_certificate(self.chain.read_bytes()).not_valid_after_utc
            _load(_context(), self)  # a pair that is half written must not touch the one that serves
            _load(self.context, self)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise Unusable(f"{self.chain} and {self.key}: {error}") from error
        self.stamp, self.until = stamp, until
        return True


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _load(context: ssl.SSLContext, given: Certificate) -> None:
    context.load_cert_chain(given.chain, given.key, password="")  # a locked key is refused, nobody is there to ask
