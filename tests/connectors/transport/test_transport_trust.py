"""Whom the token reaches: redirects, certificates, proxies and .netrc, with both clients over real sockets."""

from __future__ import annotations

import base64
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import closing, contextmanager

import pytest
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import SSLError

from connectors.errors import (
    AuthenticationError,
    ConfigError,
    FatalError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.gitlab.client import GitlabClient
from connectors.jira.client import JiraClient, MovedError
from connectors.port import Policy, Site
from connectors.transport.trust import Trust
from tests.connectors.transport.scripted_http import Script, answer, cut, free_port, garbled, trickle

TOKEN = "sesame-7"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CLIENTS = {"jira": JiraClient, "gitlab": GitlabClient}
PATHS = {"jira": "api/2/myself", "gitlab": "/user"}
has_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None,
    reason="certificates for the test are made with openssl, which is not here",
)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    """None of the machine's own proxies, certificates and log-ins."""
    for name in (*PROXIES, *map(str.lower, PROXIES), "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=CLIENTS)
def kind(request):
    return request.param


@contextmanager
def opened(kind, url, **site):
    policy = Policy(attempts=1, connect_timeout_s=2.0, read_timeout_s=5.0)
    client = CLIENTS[kind](Site(**({"source": kind, "url": url, "token": TOKEN, "policy": policy} | site)))
    with closing(client):
        yield client


def asked(kind, url, **site):
    """What one read through a fresh client gives."""
    with opened(kind, url, **site) as client:
        return client.get(PATHS[kind])


def redirect(to, code=302):
    return answer(code, b"", Location=to)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_reaches_nobody(kind, code):
    thief = Script(answer(200, b'{"id": 1}'))
    with thief.serving() as elsewhere:
        script = Script(redirect(f"{elsewhere}/steal", code))
        with script.serving() as base, pytest.raises(FatalError, match="redirect"):
            asked(kind, base)
    assert (thief.asked, len(script.asked)) == ([], 1)


@pytest.mark.parametrize(
    "to",
    [
        "http://[",
        "ftp://x/y",
        "http://",
        "//evil.test/x",
        "http:///x",
        "http://127.0.0.1:99999/x",
        "https://ü..test/x",
    ],
)
def test_a_redirect_to_nonsense_is_one_of_our_errors(kind, to):
    with Script(redirect(to)).serving() as base, pytest.raises(FatalError):
        asked(kind, base)


def test_a_redirect_without_a_target_is_one_of_our_errors(kind):
    with Script(answer(302, b"", Location=None)).serving() as base, pytest.raises(FatalError):
        asked(kind, base)


def test_gitlab_is_followed_within_its_own_site():
    script = Script(redirect("/api/v4/projects/7", 301), answer(200, b'{"id": 7}'))
    with script.serving() as base:
        assert asked("gitlab", base) == {"id": 7}
    assert [one.headers["Authorization"] for one in script.asked] == [f"Bearer {TOKEN}"] * 2


def test_a_circle_of_redirects_ends():
    script = Script(redirect("/api/v4/user"))
    with script.serving() as base, pytest.raises(FatalError, match="circle"):
        asked("gitlab", base)
    assert len(script.asked) <= 31


def test_jira_is_never_followed_not_even_for_a_write():
    script = Script(redirect("/rest/api/2/other", 307))
    with script.serving() as base, opened("jira", base) as client, pytest.raises(MovedError):
        client.post("api/2/issue/1/comment", {})
    assert script.paths == ["/rest/api/2/issue/1/comment"]


def certificate(folder, *, name, address="IP:127.0.0.1"):
    """(certificate file, key file), signed by itself."""
    made, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={name}",
    ]
    command += ["-addext", f"subjectAltName={address}", "-keyout", str(key), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Certificates by name: of this host, and of another."""
    folder = tmp_path_factory.mktemp("papers")
    return {
        "own": certificate(folder, name="own"),
        "other": certificate(folder, name="other", address="DNS:elsewhere.test"),
    }


@contextmanager
def secure(script, paper):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paper)
    with script.serving(context) as base:
        yield base


@has_openssl
def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_token_is_sent(kind, papers):
    script = Script(answer())
    with secure(script, papers["own"]) as base, pytest.raises(RetryableError, match="set ca_file"):
        asked(kind, base)
    assert script.asked == []


@has_openssl
def test_a_write_over_such_a_certificate_was_not_sent(papers):
    with secure(Script(answer()), papers["own"]) as base, opened("jira", base) as client:
        with pytest.raises(RetryableError) as caught:
            client.post("api/2/issue/1/comment", {})
        assert not isinstance(caught.value, UnknownOutcomeError)


@has_openssl
def test_a_certificate_of_the_given_file_is_trusted(kind, papers):
    script = Script(answer(200, b'{"id": 1}'))
    with secure(script, papers["own"]) as base:
        assert asked(kind, base, ca_file=str(papers["own"][0])) == {"id": 1}


@has_openssl
def test_authorities_are_read_once_for_all_connections(papers):
    script, trust = Script(answer(200, b'{"id": 1}'), answer(200, b'{"id": 1}')), Trust()
    own, other = (str(papers[name][0]) for name in ("own", "other"))
    assert trust.context(own, None) is trust.context(own, None)
    assert trust.context(other, None) is not trust.context(own, None)
    with secure(script, papers["own"]) as base:
        for _ in range(2):
            connection = HTTPSConnection("127.0.0.1", int(base.rpartition(":")[2]))
            connection.cert_reqs, connection.ca_certs = "CERT_REQUIRED", own
            trust.lend_to(connection)
            assert connection.ca_certs is None  # which would be read again
            with closing(connection):
                connection.request("GET", "/")
                assert connection.getresponse().status == 200
                assert connection.is_verified
                assert connection.ssl_context is trust.context(own, None)


def test_authorities_that_cannot_be_read_end_the_attempt_as_an_error_of_tls(tmp_path):
    broken = tmp_path / "authorities.pem"
    broken.write_text("no certificate", encoding="utf-8")
    with pytest.raises(SSLError):
        Trust().context(str(broken), None)


@has_openssl
def test_a_given_file_does_not_switch_the_check_of_the_name_off(kind, papers):
    script = Script(answer())
    with secure(script, papers["other"]) as base, pytest.raises(RetryableError, match="certificate"):
        asked(kind, base, ca_file=str(papers["other"][0]))
    assert script.asked == []


@has_openssl
def test_the_environments_authority_does_not_replace_the_sites_own(kind, papers, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(papers["own"][0]))
    script = Script(answer())
    with secure(script, papers["own"]) as base, pytest.raises(RetryableError, match="certificate"):
        asked(kind, base, ca_file=str(papers["other"][0]))
    assert script.asked == []


@has_openssl
@pytest.mark.parametrize("failure", [cut, garbled])
def test_a_write_whose_secure_connection_breaks_is_of_unknown_outcome(papers, failure):
    script = Script(failure)
    with (
        secure(script, papers["own"]) as base,
        opened("jira", base, ca_file=str(papers["own"][0])) as client,
        pytest.raises(UnknownOutcomeError),
    ):
        client.post("api/2/issue/1/comment", {})
    assert script.seen == ["POST"]


@has_openssl
def test_a_trickle_over_a_secure_connection_ends_in_time(papers):
    slow = trickle(head="HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", each=" ")
    policy = Policy(attempts=1, answer_timeout_s=0.2)
    with (
        secure(Script(slow), papers["own"]) as base,
        opened("jira", base, ca_file=str(papers["own"][0]), policy=policy) as client,
        pytest.raises(RetryableError, match="not whole within"),
    ):
        client.get(PATHS["jira"])


def test_a_trickle_through_a_proxy_ends_in_time(monkeypatch):
    slow = trickle(head="HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", each=" ")
    with Script(slow).serving() as base:
        monkeypatch.setenv("http_proxy", base)
        policy = Policy(attempts=1, answer_timeout_s=0.2)
        with (
            opened("gitlab", "http://tool.test", policy=policy) as client,
            pytest.raises(RetryableError, match="not whole within"),
        ):
            client.get(PATHS["gitlab"])


def test_a_proxy_that_trickles_before_the_tunnel_ends_in_time(monkeypatch):
    slow = trickle(head="HTTP/1.1 200 OK\r\nX-A: ", each="1")
    with Script(slow).serving() as base:
        monkeypatch.setenv("https_proxy", base)
        policy = Policy(attempts=1, answer_timeout_s=0.2)
        with opened("gitlab", "https://tool.test", policy=policy) as client, pytest.raises(RetryableError):
            client.get(PATHS["gitlab"])


def test_a_ca_file_that_is_not_there_is_a_matter_of_configuration(kind):
    with pytest.raises(ConfigError, match="no/such"):
        asked(kind, "https://127.0.0.1:1", ca_file="/no/such.pem")


def test_a_proxy_of_the_environment_is_asked_for_plain_addresses(kind, monkeypatch):
    proxy = Script(answer(200, b'{"id": 1}'))
    with proxy.serving() as base:
        monkeypatch.setenv("HTTP_PROXY", base)
        monkeypatch.setenv("http_proxy", base)
        assert asked(kind, "http://tool.test") == {"id": 1}
    prefix = {"jira": "/rest/api/2/myself", "gitlab": "/api/v4/user"}[kind]
    assert proxy.paths == [f"http://tool.test{prefix}"]


def test_a_proxy_sees_of_a_secure_address_the_host_alone(kind, monkeypatch):
    proxy = Script(answer(403, b"not allowed"))
    with proxy.serving() as base:
        monkeypatch.setenv("HTTPS_PROXY", base)
        monkeypatch.setenv("https_proxy", base)
        with pytest.raises(RetryableError, match="ProxyError"):
            asked(kind, "https://tool.test")
    assert [(one.method, one.target) for one in proxy.asked] == [("CONNECT", "tool.test:443")]
    assert TOKEN not in repr(proxy.asked)
    assert "Authorization" not in proxy.asked[0].headers


def test_a_write_that_the_proxy_did_not_let_through_was_not_sent(monkeypatch):
    with Script(answer(407, b"who?")).serving() as base:
        monkeypatch.setenv("HTTPS_PROXY", base)
        monkeypatch.setenv("https_proxy", base)
        with opened("jira", "https://tool.test") as client, pytest.raises(RetryableError) as caught:
            client.post("api/2/issue/1/comment", {})
    assert not isinstance(caught.value, UnknownOutcomeError)


def test_credentials_of_a_proxy_are_not_in_the_message(kind, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://bot:hunter2@127.0.0.1:{free_port()}")
    with pytest.raises(RetryableError) as caught:
        asked(kind, "http://tool.test")
    assert "hunter2" not in str(caught.value)


@has_openssl
def test_a_tunnel_of_a_proxy_carries_the_answer(kind, papers, monkeypatch):
    script = Script(answer(200, b'{"id": 1}'))
    with secure(script, papers["own"]) as base, _tunnel() as (proxy, lines):
        monkeypatch.setenv("https_proxy", proxy)
        assert asked(kind, base, ca_file=str(papers["own"][0])) == {"id": 1}
    assert [line.split()[:2] for line in lines] == [["CONNECT", base.removeprefix("https://")]]


@pytest.mark.parametrize("spared", ["127.0.0.1", "*", "127.0.0.0/8"])
def test_no_proxy_is_honoured(kind, monkeypatch, spared):
    script, proxy = Script(answer(200, b'{"id": 1}')), Script(answer(500))
    with script.serving() as base, proxy.serving() as other:
        monkeypatch.setenv("http_proxy", other)
        monkeypatch.setenv("no_proxy", spared)
        assert asked(kind, base) == {"id": 1}
    assert proxy.asked == []


@pytest.fixture
def netrc(tmp_path, monkeypatch):
    found = tmp_path / "netrc"
    found.write_text("machine 127.0.0.1 login other password wrong\ndefault login other password wrong\n")
    monkeypatch.setenv("NETRC", str(found))


@pytest.mark.usefixtures("netrc")
def test_netrc_is_never_used(kind):
    script = Script(answer(200, b'{"id": 1}'))
    with script.serving() as base:
        asked(kind, base)
    assert [one.headers["Authorization"] for one in script.asked] == [f"Bearer {TOKEN}"]


@pytest.mark.usefixtures("netrc")
def test_netrc_is_not_used_beside_a_user_and_a_token_either():
    script = Script(answer(200, b'{"id": 1}'))
    with script.serving() as base:
        asked("jira", base, user="bot@nova.example")
    expected = base64.b64encode(f"bot@nova.example:{TOKEN}".encode()).decode()
    assert [one.headers["Authorization"] for one in script.asked] == [f"Basic {expected}"]


@pytest.mark.usefixtures("netrc")
def test_netrc_is_not_used_after_a_redirect():
    script = Script(redirect("/api/v4/projects/7"), answer(200, b'{"id": 7}'))
    with script.serving() as base:
        asked("gitlab", base)
    assert {one.headers["Authorization"] for one in script.asked} == {f"Bearer {TOKEN}"}


def test_a_refused_log_in_does_not_show_the_token(kind):
    with Script(answer(401, b"{}")).serving() as base, pytest.raises(AuthenticationError) as caught:
        asked(kind, base)
    assert TOKEN not in str(caught.value)


@contextmanager
def _tunnel():
    """(address, request lines) of a proxy that carries one tunnel at a time."""
    lines: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        thread = threading.Thread(target=_carry, args=(listening, lines), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", lines
        thread.join(5)


def _carry(listening: socket.socket, lines: list[str]) -> None:
    near, _ = listening.accept()
    with near:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += near.recv(1)
        lines.append(head.decode().partition("\r\n")[0])
        host, _, port = lines[0].split()[1].partition(":")
        with socket.create_connection((host, int(port)), timeout=5) as far:
            near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            there = threading.Thread(target=_pump, args=(near, far), daemon=True)
            there.start()
            _pump(far, near)
            there.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while block := source.recv(65_536):
            target.sendall(block)
    except OSError:
        return
    finally:
        _half_close(target)


def _half_close(target: socket.socket) -> None:
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
