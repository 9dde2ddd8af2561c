"""What a second user of the machine, or of the network, can do with a batch: nothing."""

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from rounds import first_of
from small_nights import small_night, variants

from psgkit.cohort.ledger import LedgerRow
from psgkit.cohort.run.batch import BatchRequest, WorkerChoice, run_batch
from psgkit.cohort.run.dask_workers import DaskWorkers, local_workers, remote_workers
from psgkit.cohort.run.engine import Stop
from psgkit.cohort.run.scheduler_access import Credentials, SchedulerAccess, scheduler_access
from psgkit.errors import PsgkitError, SettingsError

AWAY = "192.0.2.7:8786"
"""An address of a network kept for documentation (RFC 5737)."""


def listening(process: psutil.Process) -> set[tuple[str, int]]:
    """Return the addresses that a process and all that it started listen at."""
    team = [process, *process.children(recursive=True)]
    return {
        tuple(found.laddr)
        for one in team
        for found in one.net_connections(kind="inet")
        if found.status == psutil.CONN_LISTEN
    }


def answer_without_tls(address: tuple[str, int]) -> bytes:
    """Return what is answered to a client that speaks HTTP."""
    with socket.create_connection(address, timeout=20) as plain:
        plain.sendall(b"GET /sitemap.json HTTP/1.0\r\n\r\n")
        try:
            return plain.recv(100)
        except ConnectionResetError:
            return b""


def answer_without_certificate(address: tuple[str, int]) -> bytes:
    """Return what is answered to a client that speaks TLS and shows no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(address, timeout=20) as plain:
        try:
            with context.wrap_socket(plain) as encrypted:
                return encrypted.recv(100)
        except (ssl.SSLError, ConnectionResetError):
            return b""


class Intruder:
    """An observer of a batch that tries all its sockets while it runs."""

    def __init__(self, before: set[tuple[str, int]]) -> None:
        self._before = before
        self.sockets: set[tuple[str, int]] = set()
        self.answers: set[bytes] = set()

    def night(self, _row: LedgerRow) -> None:
        if self.sockets:
            return
        self.sockets = listening(psutil.Process()) - self._before
        self.answers = {
            attempt(address)
            for address in self.sockets
            for attempt in (answer_without_tls, answer_without_certificate)
        }

    def planned(self, *_: object) -> None: ...
    def lost(self, *_: object) -> None: ...
    def said(self, *_: object) -> None: ...


@pytest.mark.timeout(300)
def test_no_socket_of_a_batch_answers_a_client_without_credentials(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for i, content in enumerate(variants(small_night(tmp_path), 3)):
        (data / f"{i}.edf").write_bytes(content)
    intruder = Intruder(listening(psutil.Process()))
    request = BatchRequest(source=str(data), out=tmp_path / "out")
    result = run_batch(request, WorkerChoice(jobs=2), intruder, Stop())
    assert result.states["done"] == 3
    # a scheduler, two workers, and what watches over each
    assert len(intruder.sockets) == 5
    assert {host for host, _ in intruder.sockets} == {"127.0.0.1"}
    assert intruder.answers == {b""}


# clients of dask


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskWorkers]:
    with local_workers(1, None, tmp_path_factory.mktemp("out"), print) as workers:
        yield workers


@pytest.fixture(scope="module")
def scheduler(workers: DaskWorkers) -> str:
    return str(workers._client.scheduler.address)


def test_no_worker_is_given_up_because_a_clock_jumped(workers: DaskWorkers) -> None:
    """Dask compares times of day, and would end workers not heard of for minutes of them."""
    assert workers._client.cluster.scheduler.worker_ttl is None


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return made_credentials(tmp_path)


def made_credentials(folder: Path) -> Credentials:
    """Write credentials of a cluster of their own."""
    from distributed import Security

    made = Security.temporary()
    for name, text in [("cert", made.tls_client_cert), ("key", made.tls_client_key)]:
        (folder / f"{name}.pem").write_text(text)
    cert, key = folder / "cert.pem", folder / "key.pem"
    return Credentials(ca=cert, cert=cert, key=key)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("how", ["plain", "own credentials", "the certificate without its key"])
def test_a_second_client_of_the_local_scheduler_is_refused(
    scheduler: str, credentials: Credentials, workers: DaskWorkers, how: str
) -> None:
    from distributed import Client, Security

    address, security = scheduler, Security()
    if how == "plain":
        address = scheduler.replace("tls://", "tcp://")
    else:
        public = workers._client.security.tls_client_cert
        security = Security(
            require_encryption=True,
            tls_ca_file=public if "without" in how else str(credentials.ca),
            tls_client_cert=str(credentials.cert),
            tls_client_key=str(credentials.key),
        )
    with pytest.raises(OSError):  # noqa: PT011 - of many kinds
        Client(address, security=security, timeout=5, set_as_default=False)


@pytest.mark.timeout(120)
def test_credentials_of_another_cluster_are_said(
    scheduler: str, credentials: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psgkit.cohort.run.dask_workers._CONNECT_S", 5)
    access = SchedulerAccess(address=scheduler, credentials=credentials)
    wrong = "a scheduler that does not share these credentials"
    with pytest.raises(PsgkitError, match=wrong), remote_workers(access, tmp_path, print):
        pass
    none = SchedulerAccess(address=scheduler)
    with (
        pytest.raises(SettingsError, match="no credentials"),
        remote_workers(none, tmp_path, print),
    ):
        pass


@pytest.mark.timeout(120)
def test_credentials_of_the_cluster_open_it_by_options_and_by_the_configuration_of_dask(
    scheduler: str, workers: DaskWorkers, tmp_path: Path
) -> None:
    import dask

    security = workers._client.security
    for name in ("cert", "key"):
        (tmp_path / f"{name}.pem").write_text(getattr(security, f"tls_client_{name}"))
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    (tmp_path / "batch.json").touch()
    said: list[str] = []
    access = scheduler_access(scheduler, {"ca": cert, "cert": cert, "key": key})
    with remote_workers(access, tmp_path, said.append) as found:
        assert found.has_room()
    files = {"ca-file": cert, "client.cert": cert, "client.key": key}
    with (
        dask.config.set({f"distributed.comm.tls.{name}": str(at) for name, at in files.items()}),
        remote_workers(scheduler_access(scheduler), tmp_path, said.append) as found,
    ):
        assert found.has_room()
    assert said == []


# what is refused before anything is sent


@pytest.mark.parametrize("address", [AWAY, f"tcp://{AWAY}", "tcp://node7:8786", "[2001:db8::1]:1"])
def test_a_plain_scheduler_on_another_machine_needs_consent(address: str) -> None:
    with pytest.raises(SettingsError, match=r"neither encrypted.*--tls-ca.*--insecure") as error:
        scheduler_access(address)
    assert error.value.exit_code == 2
    allowed = scheduler_access(address, insecure=True)
    assert allowed.address.startswith("tcp://")
    assert "all on its network can run programs there in your name" in allowed.warning


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_a_plain_scheduler_on_this_machine_gives_a_warning(host: str) -> None:
    access = scheduler_access(f"tcp://{host}:8786")
    assert "every user of this machine can run programs there" in access.warning


@pytest.mark.parametrize("address", ["", "node7", "tls://node7", "ws://127.0.0.1:1", "tcp://:1"])
def test_what_is_no_address_of_a_scheduler_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="wanted tls://HOST:PORT"):
        scheduler_access(address)


def test_whole_credentials_are_taken_and_need_tls(credentials: Credentials) -> None:
    files = {"ca": credentials.ca, "cert": credentials.cert, "key": credentials.key}
    access = scheduler_access(f"tls://{AWAY}", files)
    assert (access.credentials, access.warning) == (credentials, "")
    with pytest.raises(SettingsError, match=r"wanted tls:// with credentials"):
        scheduler_access(f"tcp://{AWAY}", files)
    with pytest.raises(SettingsError, match=r"no --tls-ca and no --tls-key"):
        scheduler_access(f"tls://{AWAY}", {**files, "ca": None, "key": None})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ca", None, r"--tls-ca .*found no such file"),
        ("cert", None, r"--tls-cert .*found no such file"),
        ("key", None, r"--tls-key .*found no such file"),
        ("ca", b"no PEM", r"--tls-ca .*found no certificate"),
        ("cert", b"no PEM", r"--tls-cert .*without a passphrase"),
        ("key", b"no PEM", r"--tls-key .*without a passphrase"),
        ("key", b"of another", r"--tls-key .*key values mismatch"),
        ("key", b"under a passphrase", r"--tls-key .*without a passphrase"),
    ],
)
def test_wrong_files_are_said_with_their_option(
    credentials: Credentials, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    other = tmp_path / "other"
    if content == b"of another":
        (folder := tmp_path / "of another").mkdir()
        content = made_credentials(folder).key.read_bytes()
    if content == b"under a passphrase":
        from cryptography.hazmat.primitives import serialization

        key = serialization.load_pem_private_key(credentials.key.read_bytes(), None)
        content = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    if content is not None:
        other.write_bytes(content)
    files = {"ca": credentials.ca, "cert": credentials.cert, "key": credentials.key}
    with pytest.raises(SettingsError, match=message):
        scheduler_access(f"tls://{AWAY}", {**files, name: other})


@pytest.mark.parametrize(
    ("options", "message"),
    first_of(
        [
            (["--scheduler", f"tcp://{AWAY}"], "--insecure"),
            (
                ["--scheduler", f"tls://{AWAY}", "--tls-ca", "none.pem"],
                "--tls-cert and no --tls-key",
            ),
            (["--insecure"], "--scheduler ADDRESS with it"),
            (["--tls-key", "key.pem"], "--scheduler ADDRESS with it"),
        ]
    ),
)
def test_the_command_refuses_with_exit_code_2(
    tmp_path: Path, options: list[str], message: str
) -> None:
    command = [sys.executable, "-m", "psgkit", "batch", str(tmp_path), "--out", "out", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert list(tmp_path.iterdir()) == []
