"""Failures of the database, each with what to do next: a lost server, a full disk or a damaged file is a StoreError wherever it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote_plus

from sqlalchemy import URL, Engine
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError

from sync.store.errors import CrossedError, StoreError

_KEPT = "nothing of the step under way was kept, and the next run goes on from there"
_FULL = f"make room on its disk (or raise the quota); {_KEPT}"
_DAMAGED = "stop every Tandem, keep a copy of it as it is, then: tandem db restore FILE"
_HELD = f"another process held the store for too long (tandem health tells which); {_KEPT}"
_LOGIN = "look at user, password and database in TANDEM_DATABASE, and at pg_hba.conf on the server"
_CROWDED = f"the server takes no more connections: close some, or raise max_connections; {_KEPT}"
_AWAY = f"look whether the server runs and TANDEM_DATABASE names it; {_KEPT}"
_READ_ONLY = "the server only reads (a standby?): let TANDEM_DATABASE name the one that writes"
_CREATE = "create it (createdb), or correct the name in TANDEM_DATABASE"
_CROSSED = f"two processes waited for each other and this one gave way; {_KEPT}: run it again"
_OTHERWISE = "look at the path of TANDEM_DATABASE, its permissions and the space on its disk"

_SQLITE: dict[int, str] = {
    3: "give this account the permission to write the file and its folder",
    5: _HELD,
    6: _HELD,
    8: "give this account the permission to write the file and its folder",
    10: f"look at its disk: it is full, beyond a quota, or failing; {_KEPT}",
    11: _DAMAGED,
    13: _FULL,
    14: "look whether its folder exists and this account may write there",
    15: "its folder is on a filesystem without locks (a network share?): put it on a local disk, or use PostgreSQL",
    26: _DAMAGED,
}
"""Advice by SQLite's primary result code, https://www.sqlite.org/rescode.html."""

_POSTGRES: dict[str, str] = {
    "25006": _READ_ONLY,
    "25P03": _HELD,
    "28000": _LOGIN,
    "28P01": _LOGIN,
    "3D000": _CREATE,
    "40001": _CROSSED,
    "40P01": _CROSSED,
    "42501": "grant this user the rights on the schema and its tables",
    "53100": _FULL,
    "53300": _CROWDED,
    "55P03": _HELD,
    "57014": f"the server cancelled the statement (statement_timeout, or an administrator); {_KEPT}",
    "57P01": _AWAY,
    "57P02": _AWAY,
    "57P03": "the server is starting or stopping: try again in a moment",
    "XX001": "the server found a damaged page: see its log, then restore the newest backup into a new database",
    "XX002": "the server found a damaged index: REINDEX DATABASE, then: tandem db verify",
}
"""Advice by SQLSTATE, PostgreSQL manual, appendix A."""

_CONNECTING: tuple[tuple[str, str], ...] = (
    (
        r"authentication failed|no password supplied|pg_hba\.conf|role .* does not exist|not permitted to log in",
        _LOGIN,
    ),
    (r"database .* does not exist", _CREATE),
    (r"too many (clients|connections)|connection slots are reserved", _CROWDED),
    (r"starting up|shutting down|recovery mode", _POSTGRES["57P03"]),
    ("", _AWAY),
)
"""Advice by the words of a connection that failed: the driver has no SQLSTATE for it."""


def translate(context: ExceptionContext) -> None:
    """Raise a StoreError for what is wrong with the database; a mistake in a statement or in its values stays what it is."""
    error = context.original_exception
    if context.engine is None or not _is_about_the_store(context):
        return
    words = _hidden(_line(error), secrets_of(context.engine.url))
    advice = _advice(error)
    kind = CrossedError if advice is _CROSSED else StoreError
    raise kind(f"{place_of(context.engine)}: {words}; {advice}") from error


def _is_about_the_store(context: ExceptionContext) -> bool:
    kind = type(context.sqlalchemy_exception)
    is_known = getattr(context.original_exception, "sqlstate", None) in _POSTGRES
    return is_known or issubclass(kind, OperationalError | InternalError) or kind is DatabaseError


def _advice(error: BaseException) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, _OTHERWISE)
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return _POSTGRES.get(state, _AWAY if state.startswith("08") else _OTHERWISE)
    if type(error).__module__.startswith("sqlite3"):
        return _OTHERWISE
    return next(advice for words, advice in _CONNECTING if re.search(words, str(error)))


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _hidden(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def secrets_of(url: URL) -> tuple[str, ...]:
    """The passwords in a URL, wherever libpq takes them from, as they are and as the URL writes them."""
    plain = [value for name, value in url.query.items() if "password" in name and isinstance(value, str)]
    plain += [url.password] if url.password else []
    return (*plain, *(quote_plus(value) for value in plain))


def place_of(engine: Engine) -> str:
    """The database's URL without any password, for people and logs."""
    url = engine.url.difference_update_query([name for name in engine.url.query if "password" in name])
    return url.render_as_string(hide_password=True)
