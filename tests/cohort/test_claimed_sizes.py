"""Files far larger than their reader takes are never read from end to end."""

from pathlib import Path

import pytest
from small_nights import small_night

from psgkit.cohort.ledger import reading
from psgkit.cohort.plan import content
from psgkit.cohort.run.batch import BatchRequest, WorkerChoice, run_batch
from psgkit.cohort.run.engine import Stop
from psgkit.io.read import is_too_large

SPARSE_BYTES = 20 * 10**9
CWA = b"MD\xfc\x03" + bytes(1020)


class Unwatched:
    """Nobody looks."""

    def planned(self, *_: object) -> None: ...
    def night(self, *_: object) -> None: ...
    def lost(self, *_: object) -> None: ...
    def said(self, *_: object) -> None: ...


def sparse(path: Path, head: bytes) -> Path:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(SPARSE_BYTES)
    return path


def refuse_to_hash(path: Path) -> str:
    raise AssertionError(f"{path} was read from end to end")


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("night.edf", None),
        ("night.edf", b"0       " + b"?" * 300),
        ("week.cwa", CWA),
        ("stages.csv", b"onset,stage\n"),
        ("events.txt", b"onset"),
    ],
)
def test_no_digest_of_a_sparse_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, head: bytes | None
) -> None:
    path = sparse(tmp_path / name, small_night(tmp_path) if head is None else head)
    monkeypatch.setattr(content, "sha256_of", refuse_to_hash)
    assert content.look_at(path).size_bytes == SPARSE_BYTES


def test_an_ordinary_file_has_the_digest_of_all_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(small_night(tmp_path))
    assert not is_too_large(path)
    assert content.look_at(path).sha256 == content.sha256_of(path)


def test_a_batch_fails_a_sparse_night_at_once_and_does_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    night = small_night(data)
    (data / "good.edf").write_bytes(night)
    sparse(data / "sparse.edf", night)
    whole = content.sha256_of

    def hashed(path: Path) -> str:
        return refuse_to_hash(path) if path.name == "sparse.edf" else whole(path)

    monkeypatch.setattr(content, "sha256_of", hashed)
    request = BatchRequest(source=str(data), out=tmp_path / "out")
    states = run_batch(request, WorkerChoice(), Unwatched(), Stop()).states
    assert (states["done"], states["failed"]) == (1, 1)
    with reading(tmp_path / "out" / "ledger.sqlite") as ledger:
        reason = next(row.reason for row in ledger.rows() if row.state == "failed")
    assert f"a file of {SPARSE_BYTES} bytes" in reason
