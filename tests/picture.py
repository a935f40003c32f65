"""The picture in the README: the comment that the sandbox's first sync writes on RISK-1. ``python -m tests.picture deploy/docs/comment.png`` makes it.

Wants a Chromium (``CHROMIUM`` names another than ``chromium``) and Noto fonts. The comment's text is kept in the picture, so that a test can read what it shows.
"""

from __future__ import annotations

import contextlib
import html
import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import company
from sync.cli.context import Options
from sync.cli.main import exit_status
from sync.reports.wiki_view import cells_of, pieces_of
from tests.stand import ANCHOR, Stand, settings_for

ISSUE = "RISK-1"
_WIDTH = 1498
_KEYWORD = b"Comment"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 22px 30px; font: 20px/1.5 "Noto Sans", "Noto Sans CJK SC", sans-serif; color: #172b4d; width: {width}px }}
.face {{ float: left; width: 48px; height: 48px; border-radius: 24px; background: #0052cc; color: #fff; text-align: center; font: bold 19px/48px "Noto Sans" }}
main {{ margin-left: 65px }} p {{ margin: 0 0 6px }} small {{ color: #7a869a; margin-left: 12px; font-size: 17px }}
table {{ border-collapse: collapse; width: 100%; margin: 10px 0; font-size: 22px; line-height: 1.42 }}
td, th {{ border: 1px solid #c1c7d0; padding: 7px 13px; text-align: left; vertical-align: top }} th {{ background: #f4f5f7 }}
a {{ color: #0052cc; text-decoration: none }}
</style><div class="face">T</div><main><p><b>Tandem Sync</b><small>{issue} · just now</small></p>{body}</main>
<script>document.title = Math.ceil(document.body.getBoundingClientRect().height)</script>"""


def comment() -> str:
    """The comment on RISK-1 after the first sync of the sandbox."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        world = company(ANCHOR)
        with SandboxServer(world.sandbox) as server:
            options = Options(settings=settings_for(Path(folder), server, world), now=world.clock.now)
            if exit_status(["sync"], options=options) != 0:
                raise SystemExit("the sync failed")
            return Stand(world=world, server=server, options=options, capture=None).own_comments()[ISSUE][0]


def page_of(body: str) -> str:
    """The comment as a page that looks as in Jira."""
    return _PAGE.format(width=_WIDTH - 60, issue=ISSUE, body="\n".join(_blocks(body.splitlines())))


def _blocks(lines: list[str]) -> Iterator[str]:
    rows = [line for line in lines if line.startswith("|")]
    for line in lines:
        if rows and line == rows[0]:
            yield f"<table>{''.join(_row(row) for row in rows)}</table>"
        elif not line.startswith("|") and line:
            yield f"<p>{_markup(line)}</p>"


def _row(line: str) -> str:
    tag = "th" if line.startswith("||") else "td"
    return f"<tr>{''.join(f'<{tag}>{_markup(cell)}</{tag}>' for cell in cells_of(line))}</tr>"


def _markup(line: str) -> str:
    return "".join(_piece(p) for p in pieces_of(line) if p.text)


def _piece(piece) -> str:
    text = html.escape(piece.text)
    text = f"<a>{text}</a>" if piece.url else text
    text = f"<b>{text}</b>" if piece.is_bold else text
    return f'<span style="color:{piece.colour}">{text}</span>' if piece.colour else text


def drawn(page: str) -> bytes:
    """The page as a PNG of its own height."""
    with tempfile.TemporaryDirectory() as folder:
        file, image = Path(folder) / "page.html", Path(folder) / "page.png"
        file.write_text(page, encoding="utf-8")
        told = _chromium(folder, "--dump-dom", f"--window-size={_WIDTH},400", file.as_uri())
        height = re.search(r"<title>(\d+)</title>", told)
        if height is None:
            raise SystemExit("the page does not tell its height")
        _chromium(folder, f"--screenshot={image}", f"--window-size={_WIDTH},{height[1]}", file.as_uri())
        return image.read_bytes()


def _chromium(home: str, *arguments: str) -> str:
    program = os.environ.get("CHROMIUM", "chromium")
    usual = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={home}/profile",
    )
    return subprocess.run([program, *usual, *arguments], check=True, capture_output=True, text=True).stdout


def with_text(image: bytes, text: str) -> bytes:
    """The PNG with ``text`` inside, before its end."""
    content = _KEYWORD + b"\0\0\0\0\0" + text.encode()
    chunk = (
        struct.pack(">I", len(content)) + b"iTXt" + content + struct.pack(">I", zlib.crc32(b"iTXt" + content))
    )
    end = image.rindex(b"IEND") - 4
    return image[:end] + chunk + image[end:]


def text_in(image: bytes) -> str:
    """The text that ``with_text`` put into the PNG; empty if there is none."""
    place = len(_SIGNATURE)
    while place < len(image):
        (length,) = struct.unpack(">I", image[place : place + 4])
        kind, content = image[place + 4 : place + 8], image[place + 8 : place + 8 + length]
        if kind == b"iTXt" and content.startswith(_KEYWORD + b"\0"):
            return content[len(_KEYWORD) + 5 :].decode()
        place += 12 + length
    return ""


if __name__ == "__main__":
    made = comment()
    Path(sys.argv[1]).write_bytes(with_text(drawn(page_of(made)), made))
