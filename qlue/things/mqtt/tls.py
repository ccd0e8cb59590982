"""TLS for devices that come over the internet: a certificate from two files, read again when they are renewed."""

import ssl
from asyncio import sslproto
from datetime import datetime
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificate

HANDSHAKE_S = 10.0
SHUTDOWN_S = 5.0
# asyncio gives every connection a buffer of 256 KB; 2,000 connections would be 500 MB.
sslproto.SSLProtocol.max_size = 16 * 1024


class UnusableCertificate(Exception):
    """The two files are no certificate with its key; the text says why."""


class Certificate:
    """`context` serves new connections; those that there are keep the certificate they began with."""

    def __init__(self, chain: Path, key: Path) -> None:
        self.chain, self.key = chain, key
        self.context = _server_context()
        self.stamp: object = None
        self.until: datetime | None = None
        self.renew()

    def renew(self) -> bool:
        """Reads the files when they have changed; raises UnusableCertificate, and then nothing is different."""
        try:
            stamp = [(file.stat().st_mtime_ns, file.stat().st_size) for file in (self.chain, self.key)]
            if stamp == self.stamp:
                return False
            until = load_pem_x509_certificate(self.chain.read_bytes()).not_valid_after_utc
            # First into a context that nobody uses: a pair that is half written must not touch the one that serves.
            _load_pair(_server_context(), self)
            _load_pair(self.context, self)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise UnusableCertificate(f"{self.chain} and {self.key}: {error}") from error
        self.stamp, self.until = stamp, until
        return True


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _load_pair(context: ssl.SSLContext, certificate: Certificate) -> None:
    # An empty password: a locked key is refused, where OpenSSL would wait for somebody to type one.
    context.load_cert_chain(certificate.chain, certificate.key, password="")
