"""Damaged scoring files: a scoring, or an error of psgkit; nothing else."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases
from test_scoring_luna import HEADER
from test_scoring_noxturnal import FRENCH
from test_scoring_noxturnal import NIGHT as FRENCH_NIGHT
from test_scoring_remlogic import HEADS, TOP, table
from test_scoring_remlogic import NIGHT as REMLOGIC_NIGHT
from test_scoring_xml import EMBLA, embla, nsrr, profusion

from psgkit.errors import PsgkitError
from psgkit.io.scoring.read import read_scoring

START = datetime(2015, 4, 15, 23, 0)
DOMINO_HEAD = "Start Time: 9/23/2020 11:00:00 PM\nUnit: \nSignal Type: "
FILES = {
    "domino stages": (
        f"Signal ID: SchlafProfil\\profil\n{DOMINO_HEAD}Discret\nRate: 30 s\n\n"
        "23:59:30,000; N1\n00:00:00,000; Wake\n"
    ).encode(),
    "domino bursts": (
        f"Signal ID: Generic\\g\n{DOMINO_HEAD}Impuls\n\n"
        "23:59:30,000-23:59:31,500; 1;LeftLegPhasic\n23:59:31,000-00:00:01,000; LeftLegAny\n"
    ).encode(),
    "noxturnal": "\r\n".join([FRENCH, "[],[],[],[s],", *FRENCH_NIGHT, ""]).encode("utf-16"),
    "noxturnal bytes": "\n".join([FRENCH, "[],[],[],[s],", *FRENCH_NIGHT, ""]).encode("latin-1"),
    "remlogic": "\r\n".join([*TOP, *table(HEADS[0], REMLOGIC_NIGHT)]).encode(),
    "remlogic stages": "\n".join([*TOP[:3], *table(HEADS[3], REMLOGIC_NIGHT)]).encode(),
    "profusion": profusion([0, 2, 5], [("PLM (Left)", 10.5, 2.25, "Leg")]).encode(),
    "nsrr": nsrr([("Stages|Stages", "Wake|0", 0, 30, ""), ("", "PLM", 3, 90, "LAT")]).encode(),
    "embla": embla(EMBLA).encode(),
    "luna": (
        f"{HEADER}\nN2\t.\t.\t23:00:00\t...\t.\nLM\t.\tLAT\t0+00:00:10\t+2\t.\n"
        "N2\t.\t.\te:2\te:3\t.\n"
    ).encode(),
    "bids": b"onset\tduration\ttrial_type\n0\t30\tW\n5\t3\tarousal\n30\t30\tSleep stage R\n",
    "events": b"onset_s,duration_s,kind,site\n1,2,lm,left_leg\n4,0,lights_off,\n",
    "list": b"W\nN1\nN2\nREM\n",
}

places = st.floats(0, 1, exclude_max=True)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), places, st.integers(1, 255)),
        st.tuples(st.just("set"), places, st.sampled_from(list(b'09:.,;-+\t\n\r\x00<>|[]" ePAM'))),
        st.tuples(st.just("cut"), places, st.integers(1, 40)),
        st.tuples(st.just("repeat"), places, st.integers(1, 60)),
        st.tuples(st.just("end"), places, st.just(0)),
        st.tuples(st.just("digits"), places, st.integers(1, 400)),
    ),
    min_size=1,
    max_size=6,
)


def damaged(content: bytes, changes: list[tuple[str, float, int]]) -> bytes:
    """Return the content after each change, at its share of the length."""
    found = bytearray(content)
    for what, share, size in changes:
        at = int(share * len(found))
        if what == "flip" and found:
            found[at] ^= size
        elif what == "set" and found:
            found[at] = size
        elif what == "cut":
            del found[at : at + size]
        elif what == "repeat":
            found[at:at] = found[at : at + size]
        elif what == "digits":
            found[at:at] = b"9" * size
        elif what == "end":
            del found[at:]
    return bytes(found)


def read_all(content: bytes) -> None:
    """Read the content in every way, with and without a start."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "night"
        path.write_bytes(content)
        for wanted in (None, "stages", "events"):
            for start in (None, START):
                try:
                    found = read_scoring(path, start, wanted)
                except PsgkitError:
                    continue
                if found.events is not None:
                    assert np.isfinite(found.events.intervals()).all()
                if found.hypnogram is not None:
                    assert np.isfinite([found.hypnogram.start_s, found.hypnogram.end_s]).all()


@pytest.mark.parametrize("name", FILES)
def test_the_undamaged_file_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(FILES[name])
    found = read_scoring(path, START)
    assert found.hypnogram is not None or found.events is not None


@cases(400)
@given(st.sampled_from(sorted(FILES)), CHANGES)
def test_damage_ends_in_a_scoring_or_a_typed_error(
    name: str, changes: list[tuple[str, float, int]]
) -> None:
    read_all(damaged(FILES[name], changes))
