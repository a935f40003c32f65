"""Exchange: a request and its answer as a tape keeps them, and an answer played back from one."""

from __future__ import annotations

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from connectors.port import Exchange
from connectors.transport.answers import Answer

_PART = 1 << 16
"""Bytes that are read at once."""


class TooLargeError(requests.RequestException):
    """A body is larger than any answer that a tool gives; asking again would not make it smaller."""


def body_of(request: requests.PreparedRequest) -> bytes:
    """The body that a request sends; empty where it has none."""
    body = request.body or b""
    return body if isinstance(body, bytes) else str(body).encode()


def exchange_of(source: str, request: requests.PreparedRequest, response: requests.Response) -> Exchange:
    """One attempt and its whole answer. No header of the request is kept, for they hold the credentials."""
    return Exchange(
        source=source,
        method=request.method or "",
        target=request.path_url,
        sent=body_of(request),
        status=response.status_code,
        headers=tuple(response.headers.items()),
        body=response.content,
    )


def read_whole(answer: requests.Response, *, most_mib: int) -> None:
    """Read the whole body into the answer, or close its connection: what is left of a broken answer must not be taken for the next one.

    Raises TooLargeError beyond ``most_mib``, for a few kilobytes can be gigabytes once decompressed.
    """
    parts, left = [], most_mib << 20
    try:
        for part in answer.iter_content(_PART):
            parts.append(part)
            left -= len(part)
            if left < 0:
                raise TooLargeError(most_mib)
    except BaseException:
        answer.close()
        raise
    vars(answer).update(_content=b"".join(parts))


def answer_of(kept: Exchange, request: requests.PreparedRequest) -> Answer:
    """The kept answer as if it had just come; its body is decoded from any compression already."""
    answer = Answer()
    vars(answer).update(_content=kept.body, _content_consumed=True)
    answer.status_code = kept.status
    answer.headers = CaseInsensitiveDict(kept.headers)
    answer.encoding = get_encoding_from_headers(answer.headers)
    answer.url = request.url or ""
    answer.request = request
    return answer
