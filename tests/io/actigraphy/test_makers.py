"""AWD, AGD, MTN and Actiware: what they hold, whose names stay out, and what is refused."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from device_maker import ACTIWARE_DE, ACTIWARE_EN, AWD, MTN, write_agd
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.core.days.day_recording import DayRecording
from psgkit.errors import PsgkitError
from psgkit.io.actigraphy.read import DayOptions, read_days

BERLIN = DayOptions(zone="Europe/Berlin")


def read(tmp_path: Path, text: str, options: DayOptions = BERLIN) -> DayRecording:
    file = tmp_path / "device.dat"
    file.write_text(text, encoding="utf-8")
    return read_days(file, options)


def test_awd_has_counts_markers_and_an_epoch_by_its_code(tmp_path: Path) -> None:
    days = read(tmp_path, AWD)
    assert days.counts[0].counts.tolist() == [9.0, 0.0, 7.0]
    assert days.counts[0].epoch_s == 60.0
    assert days.markers_s.tolist() == [60.0]
    assert days.clock.start.isoformat() == "2024-01-31T12:00:00+01:00"
    assert "Secret" not in repr(days)
    quarter = read(tmp_path, AWD.replace("\n 4 \n", "\nC2\n"))
    assert quarter.counts[0].epoch_s == 10.0


def test_awd_of_a_light_sensor_american_clock_and_spanish_month(tmp_path: Path) -> None:
    text = "x\n10-dic-2009\n09:38:00 PM\n 1 \n16\nP964291\nM\n671 , 0.00\n429 , 12.50 M\n"
    days = read(tmp_path, text)
    assert days.clock.start.isoformat() == "2009-12-10T21:38:00+01:00"
    assert days.tracks[0].values.tolist() == [0.0, 12.5]
    assert days.counts[0].epoch_s == 15.0


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (AWD.replace("\n 4 \n", "\n 0 \n"), "line 4.*a code of the epoch"),
        (AWD + "oops\n", "line 11.*a count"),
        (AWD.replace("31-Jan", "31-Feb"), "line 2.*a date"),
    ],
)
def test_awd_that_cannot_be_read_names_its_line(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(PsgkitError, match=match):
        read(tmp_path, text)


def test_the_epoch_of_an_awd_can_be_stated(tmp_path: Path) -> None:
    days = read(tmp_path, AWD.replace("\n 4 \n", "\n 0 \n"), DayOptions(epoch_s=30.0))
    assert days.counts[0].epoch_s == 30.0


def test_mtn_has_motion_light_and_the_place(tmp_path: Path) -> None:
    days = read(tmp_path, MTN)
    assert days.counts[0].counts.tolist() == [0, 3, 7, 15, 22, 0]
    assert (days.counts[0].epoch_s, days.counts[0].place) == (5.0, "right_wrist")
    assert days.tracks[0].values.tolist() == [1, 2, 3, 4, 5, 6]
    assert days.clock.start.hour == 12
    assert "Secret" not in repr(days)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("=StartTime", "=Other", "=StartTime"),
        ("<epoch>5<", "<epoch>x<", "whole seconds"),
        ("<offset>0<", "<offset>9<", "not documented"),
        ("0,3,7,", "0,x,7,", "numbers with commas"),
        ("0,3,7,", "0,-3,7,", "0 or more"),
        ("<name>motion<", "<name>other<", "a channel motion"),
        ("</log2>", "", "not well formed"),
        ('encoding="text"', 'encoding="base64"', "numbers as text"),
        ("<motionfile>", '<!DOCTYPE x [<!ENTITY a "b">]><motionfile>', "an attack"),
    ],
)
def test_mtn_that_cannot_be_read_is_refused(tmp_path: Path, old: str, new: str, match: str) -> None:
    with pytest.raises(PsgkitError, match=match):
        read(tmp_path, MTN.replace(old, new, 1))


@pytest.mark.parametrize("text", [ACTIWARE_EN, ACTIWARE_DE])
def test_actiware_in_english_and_german_gives_the_same_epochs(tmp_path: Path, text: str) -> None:
    days = read(tmp_path, text)
    assert str(days.counts[0].counts.tolist()) == "[9.0, 0.0, nan, 5.0]"
    assert days.counts[0].epoch_s == 30.0
    assert days.markers_s.tolist() == [30.0]
    assert days.diary.not_worn_s.tolist() == [[60.0, 90.0]]
    assert days.tracks[0].values[-1] == 1.5
    assert days.clock.start.isoformat() == "2024-01-31T12:00:00+01:00"
    assert "Secret" not in repr(days)


def test_what_an_actiware_felt_stays_beside_what_a_diary_says(tmp_path: Path) -> None:
    diary = tmp_path / "diary.csv"
    for cells, wanted in (
        (",", [[60.0, 90.0]]),
        ("12:00,12:01", [[0.0, 90.0]]),
    ):
        diary.write_text(
            f"date,lights_off,wake,off_start,off_end\n2024-01-31,23:00,07:00,{cells}\n"
        )
        options = DayOptions(zone="Europe/Berlin", diary=diary)
        days = read(tmp_path, ACTIWARE_EN, options)
        assert days.diary.not_worn_s.tolist() == wanted
        assert len(days.diary) == 1


def test_the_wrist_of_an_actiware_is_not_looked_for_in_rows_that_are_no_epochs(
    tmp_path: Path,
) -> None:
    # line 2 twice and line 4 later: as many rows as epochs, but not the same ones
    text = ACTIWARE_EN.replace('"3","31/01/2024","12:01:00"', '"3","31/01/2024","12:00:30"')
    days = read(tmp_path, text)
    assert len(days.counts[0]) == 4
    assert not len(days.diary.not_worn_s)
    assert "actiware.off_wrist" in [one.code for one in days.findings]


def test_actiware_without_epochs_and_other_xml_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PsgkitError, match="a section of epochs"):
        read(tmp_path, ACTIWARE_EN.split('"-------------------- Epoch')[0])
    with pytest.raises(PsgkitError, match="XML that is no MTN"):
        read(tmp_path, "<html><body>sorry</body></html>")


def test_agd_has_the_counts_of_axis_1_with_all_axes_and_light(tmp_path: Path) -> None:
    file = write_agd(tmp_path / "a.agd", [(3, 4, 0), (0, 0, 2), (9, 9, 9)])
    days = read_days(file, BERLIN)
    assert days.counts[0].counts.tolist() == [3.0, 0.0, 9.0]
    assert days.counts[0].axes.tolist() == [[3, 4, 0], [0, 0, 2], [9, 9, 9]]
    assert days.tracks[0].values.tolist() == [7.0, 7.0, 7.0]
    assert days.clock.start.isoformat() == "2024-01-31T12:00:00+01:00"
    assert days.device == "ActiGraph wGT3XBT"
    assert "Secret" not in repr(days)


def changed(file: Path, *statements: str) -> Path:
    with sqlite3.connect(file) as base:
        for statement in statements:
            base.execute(statement)
    base.close()
    return file


@pytest.mark.parametrize(
    ("statements", "match"),
    [
        (["DROP TABLE data"], "no table 'data'"),
        (["DROP TABLE settings"], "no table 'settings'"),
        (["UPDATE settings SET settingValue = '1e9'"], "whole seconds"),
        (["UPDATE data SET axis1 = 'many'"], "no number"),
        (["UPDATE data SET axis1 = -5"], "0 or more"),
        (["UPDATE data SET axis1 = x'00ff'"], "no number"),
        (["UPDATE data SET dataTimestamp = 5"], "ticks of a date"),
        (["UPDATE data SET dataTimestamp = NULL"], "ticks of a date"),
        (["DELETE FROM data"], "no row"),
        (["ALTER TABLE data RENAME TO d", "CREATE VIEW data AS SELECT * FROM d"], "no table"),
        (["ALTER TABLE data RENAME COLUMN axis1 TO other1",
          "ALTER TABLE data RENAME COLUMN axis2 TO other2",
          "ALTER TABLE data RENAME COLUMN axis3 TO other3"], "dataTimestamp and axis1"),
    ],
)  # fmt: skip
def test_agd_with_a_hostile_or_broken_schema_is_refused(
    tmp_path: Path, statements: list[str], match: str
) -> None:
    file = changed(write_agd(tmp_path / "a.agd", [(1, 2, 3), (4, 5, 6)]), *statements)
    with pytest.raises(PsgkitError, match=match):
        read_days(file)


def test_a_column_that_the_file_computes_is_not_evaluated(tmp_path: Path) -> None:
    file = write_agd(tmp_path / "a.agd", [(1, 2, 3), (4, 5, 6)])
    changed(
        file,
        "ALTER TABLE data DROP COLUMN axis1",
        "ALTER TABLE data ADD COLUMN axis1 AS (length(hex(zeroblob(900000000))))",
    )
    days = read_days(file)
    assert days.counts[0].axis_names == ("axis2", "axis3")


def test_reading_an_agd_leaves_it_as_it_is(tmp_path: Path) -> None:
    file = write_agd(tmp_path / "a.agd", [(1, 2, 3), (4, 5, 6)])
    before = file.read_bytes()
    read_days(file)
    assert file.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.agd"]


@cases(120)
@given(
    which=st.sampled_from(["awd", "mtn", "en", "de", "agd"]),
    at=st.floats(0, 1),
    cut=st.sampled_from(["", "cut"]),
    noise=st.binary(max_size=40),
)
def test_any_damage_ends_in_a_recording_or_in_one_typed_error(
    tmp_path: Path,
    which: str,
    at: float,
    cut: str,
    noise: bytes,
) -> None:
    texts = {"awd": AWD, "mtn": MTN, "en": ACTIWARE_EN, "de": ACTIWARE_DE}
    file = tmp_path / "device.dat"
    if which == "agd":
        content = write_agd(file, [(1, 2, 3)] * 50).read_bytes()
    else:
        content = texts[which].encode()
    place = int(at * len(content))
    rest = b"" if cut else content[place + len(noise) :]
    file.write_bytes(content[:place] + noise + rest)
    try:
        days = read_days(file, BERLIN)
    except PsgkitError:
        return
    assert days.duration_s >= 0
    assert all(np.isfinite(one.epoch_s) for one in days.counts)
