"""Certificates of servers: which are trusted, and the error of one that cannot be verified."""

import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from fer_live.core.errors import ConfigError, SourceError

_RTSPS_PORT = 322


class UnverifiedError(SourceError):
    """The certificate of a server cannot be verified; nothing was sent to it."""


def check_ca_file(path: Path) -> None:
    """Checks that a file holds certificates.

    Raises:
        ConfigError: It does not, or cannot be read.
    """
    try:
        ssl.create_default_context(cafile=str(path))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The certificates in {path} cannot be read.",
            "Give a PEM file: it begins with -----BEGIN CERTIFICATE-----.",
        ) from error


def verify_host(url: str, ca_file: Path | None, timeout_s: float) -> None:
    """Asks a server for its certificate, to tell why FFmpeg did not connect; sends nothing else.

    Args:
        url: An address whose scheme uses TLS, with its port or that of ``rtsps``.
        ca_file: As for `HttpClient`.
        timeout_s: Longest wait, seconds.

    Raises:
        UnverifiedError: The certificate cannot be verified.
        OSError: The server cannot be reached.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    context = ssl.create_default_context(cafile=str(ca_file or certifi.where()))
    with socket.create_connection((host, parts.port or _RTSPS_PORT), timeout_s) as connection:
        try:
            context.wrap_socket(connection, server_hostname=host).close()
        except ssl.SSLCertVerificationError as error:
            raise unverified_error(host) from error


def unverified_error(host: str) -> UnverifiedError:
    """The error of a server whose certificate cannot be verified."""
    return UnverifiedError(
        f"The certificate of {host} cannot be verified, so nothing was sent to it.",
        "Give its certificate, or its authority's, as a PEM file with --ca-file or the setting "
        "ca_file.",
    )
