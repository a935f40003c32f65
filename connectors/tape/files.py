"""Files: a source file in an answer, without its code. What a run kept of the file, its marks, is all that a recording needs. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable

from connectors.marks import masked

_BLOB = re.compile(r"/repository/blobs/[^/?]+(?:\?|$)")
"""GitLab's address of a file's content."""


def is_file(target: str) -> bool:
    """True if the answer to this request is the content of a file."""
    return bool(_BLOB.search(target))


def without_code(body: bytes, redact: Callable[[str], str]) -> bytes:
    """The answer with letters and digits only in its marks, which ``redact`` goes over; of a binary file nothing stays. Any other answer stays as it is."""
    try:
        payload = json.loads(body)
        content = base64.b64decode(payload["content"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return body
    plain = b"\0" if b"\0" in content else _masked(content, redact)
    return json.dumps({**payload, "content": base64.b64encode(plain).decode()}, ensure_ascii=False).encode()


def _masked(content: bytes, redact: Callable[[str], str]) -> bytes:
    return redact(masked(content.decode("utf-8-sig", "replace"))).encode()
