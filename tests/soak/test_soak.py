"""A small soak: a batch under every attack ends as a serial one; scripts/soak is the large one."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.extend(str(one) for one in (HERE, HERE.parent / "cohort"))

from disks import PlainFolder  # noqa: E402 - the makers of nights stand beside other tests
from soak import Plan, Soak  # noqa: E402

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="signals and limits of Linux"
)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_small_soak_ends_as_a_serial_run(tmp_path: Path) -> None:
    said = Soak(tmp_path, Plan(nights=12, kills=6, fills=1, cuts=2, seed=5)).run()
    assert said.faults == []
    assert said.counts["nights done"] > 0
    assert said.counts["files compared"] >= said.counts["nights done"]


def test_what_was_not_synchronised_is_lost_when_the_power_of_a_folder_is_cut(
    tmp_path: Path,
) -> None:
    disk = PlainFolder(tmp_path)
    kept, lost = disk.folder / "kept", disk.folder / "lost"
    for path in (kept, lost):
        path.write_text("whole")
    found = kept.stat()
    notes = Path(disk.environment["SOAK_NOTES"])
    notes.write_text(f"{found.st_ino} {found.st_size} {found.st_mtime_ns}\n")
    disk.cut_power()
    assert (kept.read_text(), lost.read_text()) == ("whole", "")
