"""Trust: the authorities of a site, read once for all connections to it. To read the usual list takes 16 ms of CPU, and eight threads have a connection each."""

from __future__ import annotations

import ssl
import threading
from typing import Any

from urllib3.exceptions import SSLError
from urllib3.util.ssl_ import create_urllib3_context


class Trust:
    """TLS contexts by the file or folder of authorities. Safe for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._contexts: dict[tuple[str | None, str | None], ssl.SSLContext] = {}

    def context(self, file: str | None, folder: str | None) -> ssl.SSLContext:
        """The context that trusts these, the same one each time. Raises SSLError where they cannot be read."""
        with self._lock:
            if (file, folder) not in self._contexts:
                self._contexts[file, folder] = _context(file, folder)
            return self._contexts[file, folder]

    def lend_to(self, connection: Any) -> None:  # noqa: ANN401  # urllib3's, of whichever pool
        """Have a connection that is about to open and checks certificates use the context in the place of reading the authorities by itself."""
        names_some = connection.ca_certs or connection.ca_cert_dir
        if names_some and connection.ssl_context is None and not connection.cert_file:
            connection.ssl_context = self.context(connection.ca_certs, connection.ca_cert_dir)
            connection.ca_certs = connection.ca_cert_dir = None


def _context(file: str | None, folder: str | None) -> ssl.SSLContext:
    context = create_urllib3_context()
    try:
        context.load_verify_locations(file, folder)
    except OSError as error:
        raise SSLError(error) from error
    return context
