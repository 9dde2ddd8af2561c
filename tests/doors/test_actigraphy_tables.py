"""Tables of actigraphs as laboratories have them: each small input with what must come out."""

import gzip
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from psgkit.core.days.day_recording import DayRecording
from psgkit.errors import PsgkitError
from psgkit.io.actigraphy.read import DayOptions, kind_of_days, read_days

TRIALS = Path(__file__).resolve().parents[2].parent / "shared" / "trials" / "files"
with_trials = pytest.mark.skipif(not TRIALS.is_dir(), reason="no folder shared beside it")
START = datetime(2024, 4, 3, 12)
LATE = datetime(2024, 3, 31, 12)
BERLIN = "Europe/Berlin"


def read(
    folder: Path, text: str | bytes, name: str = "week.csv", **options: object
) -> DayRecording:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_days(file, DayOptions(**options))  # type: ignore[arg-type]


def codes(days: DayRecording) -> set[str]:
    return {one.code for one in days.findings}


def said(days: DayRecording, code: str) -> str:
    return next(one.message for one in days.findings if one.code == code)


def minutes(n: int, pattern: str = "%Y-%m-%d %H:%M:%S", start: datetime = START) -> list[str]:
    return [(start + timedelta(minutes=row)).strftime(pattern) for row in range(n)]


# ActiLife


def actilife(
    order: str = "M/d/yyyy",
    start: str = "4/3/2024",
    epoch: str = "00:01:00",
    clock: str = "12:00:00",
) -> str:
    return (
        f"------------ Data Table File Created By ActiGraph GT3X+ ActiLife v6.13.4 Firmware v3.2.1 "
        f"date format {order} Filter Normal -----------\n"
        f"Serial Number: NEO1A00000000\nStart Time {clock}\nStart Date {start}\n"
        f"Epoch Period (hh:mm:ss) {epoch}\nDownload Time 12:00:00\nDownload Date {start}\n"
        "Current Memory Address: 0\nCurrent Battery Voltage: 4.0     Mode = 61\n"
        "--------------------------------------------------\n"
    )


def timed(pattern: str, cells: str = "{n},7,9", n: int = 5) -> str:
    rows = minutes(n, pattern)
    return "\n".join(f"{row},{cells.format(n=number)}" for number, row in enumerate(rows)) + "\n"


ACTILIFE = {
    "date, time": actilife() + "Date, Time, Axis1,Axis2,Axis3\n" + timed("%m/%d/%Y,%H:%M:%S"),
    "one timestamp": actilife() + "Timestamp,Axis1,Axis2,Axis3\n" + timed("%m/%d/%Y %H:%M:%S"),
    "epoch for time": actilife() + "Date,Epoch,Axis1,Axis2,Axis3\n" + timed("%m/%d/%Y,%H:%M:%S"),
    "day first": actilife("dd/MM/yyyy", "03/04/2024") + "Date,Time,Axis1,Axis2,Axis3\n"
    + timed("%d/%m/%Y,%H:%M:%S"),
    "points": actilife("dd.MM.yyyy", "03.04.2024") + "Date,Time,Axis1,Axis2,Axis3\n"
    + timed("%d.%m.%Y,%H:%M:%S"),
    "year first": actilife("yyyy-MM-dd", "2024-04-03") + "Date,Time,Axis1,Axis2,Axis3\n"
    + timed("%Y-%m-%d,%H:%M:%S"),
    "half days": actilife() + "Date,Time,Axis1,Axis2,Axis3\n" + timed("%m/%d/%Y,%I:%M:%S %p"),
    "no times": actilife() + "Axis1,Axis2,Axis3,Steps\n0,7,9,0\n1,7,9,0\n2,7,9,0\n3,7,9,0\n4,7,9,0",
    "no times, day first": actilife("d/M/yyyy", "3/4/2024")
    + "Axis1,Axis2\n0,1\n1,1\n2,1\n3,1\n4,1",
    "no names": actilife() + "0,7,9\n1,7,9\n2,7,9\n3,7,9\n4,7,9\n",
    "horizontal": actilife() + "Date,Time,Activity,Activity (Horizontal),3rd Axis\n"
    + timed("%m/%d/%Y,%H:%M:%S"),
    "horizontal, no times": actilife() + "Activity,Activity (Horizontal)\n0,1\n1,1\n2,1\n3,1\n4,1",
    "saved by a spreadsheet": actilife().replace("\n", ",,,\n")
    + "0,0,0,0\n1,0,0,0\n2,0,0,0\n3,0,0,0\n4,0,0,0",
    "with the rate of samples": actilife().replace("Filter", "at 30 Hz  Filter")
    + "Date,Time,Axis1\n" + timed("%m/%d/%Y,%H:%M:%S", "{n}"),
    "one axis": actilife() + "Date,Time,Axis1\n" + timed("%m/%d/%Y,%H:%M:%S", "{n}"),
    "vector magnitude first": actilife() + "Date,Time,Vector Magnitude,Axis1,Axis2,Axis3\n"
    + timed("%m/%d/%Y,%H:%M:%S", "99.5,{n},7,9"),
    "decimal commas": actilife() + "Date,Time,Axis1,Axis2,Axis3,Vector Magnitude\n"
    + timed("%m/%d/%Y,%H:%M:%S", "{n},7,9,1337,02"),
    "semicolons": actilife("dd.MM.yyyy", "03.04.2024")
    + "Date;Time;Axis1;Vector Magnitude\n"
    + timed("%d.%m.%Y;%H:%M:%S", "{n};1337,02").replace(",0;", ";0;").replace("00,", "00;"),
    "byte order mark": "\ufeff" + actilife() + "Date,Time,Axis1\n"
    + timed("%m/%d/%Y,%H:%M:%S", "{n}"),
    "axes without a preamble": "Date,Time,Axis1,Axis2,Axis3\n" + timed("%Y-%m-%d,%H:%M:%S"),
}  # fmt: skip


@pytest.mark.parametrize("shape", ACTILIFE)
def test_every_shape_of_an_actilife_table_is_axis_1_of_the_same_minutes(
    shape: str, tmp_path: Path
) -> None:
    days = read(tmp_path, ACTILIFE[shape])
    (counts,) = days.counts
    assert days.clock.start.replace(tzinfo=None) == START
    assert (counts.counts.tolist(), counts.epoch_s) == ([0.0, 1.0, 2.0, 3.0, 4.0], 60.0)
    assert counts.definition.startswith("ActiGraph counts of axis 1")
    assert days.device == "ActiGraph"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (actilife(epoch="soon") + "Axis1\n1\n2\n", "Epoch Period"),
        (actilife(clock="noon") + "Axis1\n1\n2\n", "Start Time"),
        (actilife().replace("Start Date", "Began") + "Axis1\n1\n2\n", "Start Date, Start Time"),
        (actilife("unknown") + "Axis1\n1\n2\n", "dmy or mdy"),
        (actilife() + "Accelerometer X,Accelerometer Y\n0.1,0.2\n", "GT3X file"),
        (actilife(epoch="00:00:00") + "Timestamp,Axis1\n04/03/2024 12:00:00.000,-0.1", "GT3X file"),
        (actilife() + ",".join("1" * 12) + "\n" + ",".join("1" * 12) + "\n", "at most 10 columns"),
    ],
)
def test_an_actilife_table_that_cannot_be_read_says_what_to_do(
    text: str, match: str, tmp_path: Path
) -> None:
    with pytest.raises(PsgkitError, match=match):
        read(tmp_path, text)


@with_trials
def test_an_actilife_week_is_axis_1_row_by_row() -> None:
    file = TRIALS / "actilife_csv" / "mdy.csv"
    days = read_days(file)
    rows = [line.split(",") for line in file.read_text().splitlines()[11:]]
    assert days.clock.start.isoformat() == "2024-04-03T12:00:00+00:00"
    assert days.counts[0].counts.tolist() == [float(row[2]) for row in rows]
    assert kind_of_days(file) == "ActiLife table"


@with_trials
def test_the_place_of_an_agd_is_that_of_its_settings() -> None:
    (counts,) = read_days(TRIALS / "agd_limb" / "ankle.agd").counts
    assert (counts.place, str(counts.site)) == ("left_ankle", "left_leg")


# dates


def constant_date(n: int = 5760, start: datetime = datetime(2016, 1, 4, 20)) -> list[str]:
    return minutes(n, "2016-01-04 %H:%M:%S", start)


def test_a_date_that_never_changes_rolls_over_at_midnight(tmp_path: Path) -> None:
    rows = "".join(f"{at},{n}\n" for n, at in enumerate(constant_date()))
    days = read(tmp_path, "time,counts\n" + rows)
    assert days.duration_s == 4 * 86400.0
    assert days.counts[0].counts.tolist() == list(range(5760))
    assert "in all 5760 rows" in said(days, "counts.constant_date")
    assert kind_of_days(tmp_path / "week.csv") == "table of counts"


@pytest.mark.parametrize("cells", [constant_date(2000), constant_date(2000)[::-1]])
def test_a_date_that_stands_still_rolls_over_in_either_order(
    cells: list[str], tmp_path: Path
) -> None:
    days = read(tmp_path, "time,counts\n" + "".join(f"{cell},3\n" for cell in cells))
    assert (len(days.counts[0]), days.clock.start.hour) == (2000, 20)
    assert "counts.constant_date" in codes(days)


def test_times_that_step_back_many_times_are_refused(tmp_path: Path) -> None:
    cells = [*minutes(300), *minutes(300)[120:]]
    with pytest.raises(PsgkitError, match="180 of 480 rows with the time of another row"):
        read(tmp_path, "time,counts\n" + "".join(f"{cell},3\n" for cell in cells))


@pytest.mark.parametrize(("every_s", "rows_each"), [(30, 2), (15, 4), (20, 3)])
def test_seconds_that_a_spreadsheet_dropped_are_spread(
    every_s: int, rows_each: int, tmp_path: Path
) -> None:
    rows = [START + timedelta(seconds=every_s * n) for n in range(rows_each * 10)]
    text = "time,counts\n" + "".join(f"{at:%Y-%m-%d %H:%M},{n}\n" for n, at in enumerate(rows))
    days = read(tmp_path, text)
    assert (days.counts[0].epoch_s, len(days.counts[0])) == (every_s, rows_each * 10)
    assert f"in {rows_each} rows" in said(days, "counts.spread")


def test_a_clock_of_twelve_hours_without_halves_is_refused(tmp_path: Path) -> None:
    rows = minutes(2880, "%Y-%m-%d %I:%M")
    text = "time,counts\n" + "".join(f"{at},3\n" for at in rows)
    with pytest.raises(PsgkitError, match="12 hours needs AM and PM"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "name", "epoch_s"),
    [
        ("X\n23-Jan-1918\n13:58\n 4 \n00\nV0\nX\n1\n2\n3\n", "week.AWD", 60.0),
        (
            "time,counts\n1918-01-23 13:58,1\n1918-01-23 13:59,2\n1918-01-23 14:00,3\n",
            "w.csv",
            60.0,
        ),
        (
            "time;counts\n23.01.1918 13:58;1\n23.01.1918 13:59;2\n23.01.1918 14:00;3\n",
            "w.csv",
            60.0,
        ),
        ("X\n23-Jan-1899\n13:58\n 2 \n00\nV0\nX\n1\n2\n3\n", "week.AWD", 30.0),
        (
            actilife("M/d/yyyy", "1/23/1918", clock="13:58:00") + "Axis1\n1\n2\n3\n",
            "week.csv",
            60.0,
        ),
        (
            "timestamp,anglez,ENMO\n1918-01-23T13:58:00,1,0.1\n1918-01-23T13:58:05,1,0.1\n",
            "ggir.csv",
            5.0,
        ),
    ],
)
def test_years_before_1970_are_shifted_on_purpose(
    text: str, name: str, epoch_s: float, tmp_path: Path
) -> None:
    days = read(tmp_path, text, name, zone=BERLIN)
    measured = days.counts[0] if days.counts else days.epochs
    assert measured is not None
    assert (f"{days.clock.start:%d %b %H:%M}", measured.epoch_s) == ("23 Jan 13:58", epoch_s)
    assert [one.code for one in days.clock.findings()] == ["days.shifted_date"]


# Actiwatch


def actiware(words: str, *, mark: str = "") -> bytes:
    """Return an export: its first line, then the names of columns, in a language."""
    first, *names = words.split("|")
    head = ",".join(f'"{name}"' for name in names)
    rows = [
        f'"{n + 1}","{at}","{"NAN" if n == 1 else n}","{int(n == 2)}","1,50","{int(n == 3)}"'
        for n, at in enumerate(minutes(240, '%d/%m/%Y","%H:%M:%S', LATE))
    ]
    text = f'{mark}"{first}"\n\n"X :","Y"\n\n{head}\n\n' + "\n".join(rows)
    return text.encode()


ACTIWARE = {
    "English": "Actiware Export File (Version 05.00)|Line|Date|Time|Activity|Marker|White Light"
    "|Off-Wrist Status",
    "French": "Fichier d'exportation Actiware|Ligne|Date|Heure|Activité|Marqueur"
    "|Lumière blanche|Statut hors du poignet",
    "German": "Actiware-Exportdatei|Zeile|Datum|Zeit|Aktivität|Markierung|Weißes Licht"
    "|Status „Nicht am Handgelenk“",
    "Italian": "File di esportazione Actiware|Linea|Data|Ora|Attività|Indicatore|Luce bianca"
    "|Stato fuori polso",
    "Spanish": "Archivo de exportación de Actiware|Línea|Fecha|Hora|Actividad|Marcador"
    "|Luz blanca|Fuera de la muñeca",
    "Portuguese": "Arquivo de exportação do Actiware|Linha|Data|Hora|Atividade|Marcador"
    "|Luz branca|Fora do pulso",
    "Dutch": "Actiware exportbestand|Regel|Datum|Tijd|Activiteit|Markering|Wit licht|Van de pols",
}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("language", ACTIWARE)
def test_actiware_exports_in_every_language(language: str, mark: str, tmp_path: Path) -> None:
    days = read(tmp_path, actiware(ACTIWARE[language], mark=mark))
    (counts,) = days.counts
    assert days.clock.start.replace(tzinfo=None) == LATE
    assert (len(counts), counts.epoch_s, str(counts.counts[:3].tolist())) == (
        240, 60.0, "[0.0, nan, 2.0]",
    )  # fmt: skip
    assert days.markers_s.tolist() == [120.0]
    assert days.tracks[0].values[0] == 1.5
    assert days.diary.not_worn_s.tolist() == [[180.0, 240.0]]
    assert kind_of_days(tmp_path / "week.csv") == "Actiware export"


@with_trials
def test_the_french_week() -> None:
    days = read_days(TRIALS / "actiware_fr" / "week.csv")
    assert days.clock.start.replace(tzinfo=None) == datetime(2021, 3, 1, 10)
    assert (len(days.counts[0]), days.counts[0].epoch_s) == (4320, 60.0)


def awd(rows: str, *, date: str = "31-Jan-2024", model: str = "P1") -> str:
    return f"X\n{date}\n12:00\n 4 \n57\n{model}\nF\n{rows}"


@pytest.mark.parametrize(
    ("text", "counts", "light", "markers"),
    [
        (awd("11 , 0,5\n0 , 2,25 M\n"), [11, 0], [0.5, 2.25], [60]),
        (awd("11,0.5\n0,2.25M\n"), [11, 0], [0.5, 2.25], [60]),
        (awd("11;0,5\n0;2,25;M\n"), [11, 0], [0.5, 2.25], [60]),
        (awd("11\n0 M\n", date="31/01/2024"), [11, 0], None, [60]),
        (awd("11\n0 M\n", date="31.01.2024"), [11, 0], None, [60]),
        (awd("11\n0\n", date="31-janv.-2024"), [11, 0], None, []),
        ("\ufeff" + awd("11\n0\n"), [11, 0], None, []),
        (awd("11,3\n0,4\n", model="V1"), [11, 0], None, []),
    ],
)
def test_awd_in_other_countries(
    text: str, counts: list[int], light: list[float] | None, markers: list[int], tmp_path: Path
) -> None:
    days = read(tmp_path, text, "week.AWD")
    assert days.counts[0].counts.tolist() == counts
    assert days.clock.start.replace(tzinfo=None) == datetime(2024, 1, 31, 12)
    assert days.markers_s.tolist() == markers
    assert (days.tracks[0].values.tolist() if days.tracks else None) == light
    assert ("awd.second_number" in codes(days)) is ("V1" in text)


@with_trials
def test_the_week_of_1918() -> None:
    days = read_days(TRIALS / "awd_1918" / "week.AWD")
    assert f"{days.clock.start:%Y-%m-%d %H:%M}" == "1918-01-23 13:58"
    assert (len(days.counts[0]), days.counts[0].epoch_s) == (4320, 60.0)


@with_trials
def test_the_date_that_never_changes() -> None:
    days = read_days(TRIALS / "constant_date" / "days.csv")
    assert (len(days.counts[0]), days.clock.start.day) == (5760, 4)
    assert int(np.isnan(days.counts[0].counts).sum()) == 0


# ENMO and angle


def ukb(n: int, end: str = "2024-04-03 12:00:15") -> str:
    head = f"acceleration (mg) - 2024-04-03 12:00:00 - {end} - sampleRate = 5 seconds,imputed\n"
    return head + "".join(f"{10 * row},{int(row == 2)}\n" for row in range(n))


@pytest.mark.parametrize(
    ("text", "enmo_g", "angle"),
    [
        ("timestamp,anglez,ENMO\n2024-04-03T12:00:00+0200,-5.5,0.02\n"
         "2024-04-03T12:00:05+0200,6,0.5\n", "[0.02, 0.5]", "[-5.5, 6.0]"),
        ("timenum,ACC,SleepPeriodTime,invalidepoch,guider,window,class_id,anglez\n"
         "1712138400,20,0,0,1,1,2,7\n1712138405,500,0,1,1,1,2,8\n", "[0.02, nan]", "[7.0, nan]"),
        ("time,acc,imputed\n2024-04-03 12:00:00.000+0100 [Europe/London],20,0\n"
         "2024-04-03 12:00:05.000+0100 [Europe/London],30,1\n", "[0.02, nan]", "[nan, nan]"),
        ("time,ENMO (mg),angle_z\n2024-04-03 12:00:00,20,1\n2024-04-03 12:00:05,30,2\n",
         "[0.02, 0.03]", "[1.0, 2.0]"),
        ("time,enmo\n2024-04-03 12:00:00,20\n2024-04-03 12:00:05,-3", "[0.02, 0.0]", "[nan, nan]"),
        (ukb(4), "[0.0, 0.01, nan, 0.03]", "[nan, nan, nan, nan]"),
    ],
)  # fmt: skip
def test_tables_of_ggir_and_the_uk_biobank(
    text: str, enmo_g: str, angle: str, tmp_path: Path
) -> None:
    days = read(tmp_path, text)
    assert days.epochs is not None
    assert not days.counts
    assert (str(days.epochs.enmo_g.tolist()), str(days.epochs.z_angle_deg.tolist())) == (
        enmo_g, angle,
    )  # fmt: skip
    assert (days.epochs.epoch_s, days.clock.start.date()) == (5.0, START.date())


def test_a_uk_biobank_table_with_rows_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PsgkitError, match=r"which are 4 epochs, over 3 rows"):
        read(tmp_path, ukb(3))


def test_a_packed_table_is_read_and_a_damaged_one_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"time,acc\n2024-04-03 12:00:00,20\n2024-04-03 12:00:05,30\n")
    days = read(tmp_path, packed, "sample-timeSeries.csv.gz")
    assert days.epochs is not None
    assert days.epochs.enmo_g.tolist() == [0.02, 0.03]
    with pytest.raises(PsgkitError, match="a damaged gzip file"):
        read(tmp_path, packed[:-12], "cut.csv.gz")


# time zones


@pytest.mark.parametrize(
    ("text", "asked", "zone", "code"),
    [
        ("time,counts\n2024-04-03T12:00+02:00,1\n2024-04-03T12:01+02:00,2\n", "", "UTC+02:00",
         "days.offsets"),
        ("time,counts\n2024-04-03T10:00Z,1\n2024-04-03T10:01Z,2\n", "", "UTC+00:00", "days.utc"),
        ("time,counts\n2024-04-03T12:00+02:00,1\n2024-04-03T12:01+02:00,2\n", "America/New_York",
         "America/New_York", "days.zone_contradicts"),
        ("time,acc\n2024-04-03 12:00:00+0100 [Europe/London],2\n"
         "2024-04-03 12:01:00+0100 [Europe/London],2\n", "", "Europe/London", ""),
        ("Time Zone: GMT +02:00\ntime,counts\n2024-04-03 12:00,1\n2024-04-03 12:01,2\n", "",
         "UTC+02:00", "days.zone_of_file"),
        ("Time Zone,Europe/Paris\ntime,counts\n2024-04-03 12:00,1\n2024-04-03 12:01,2\n", "",
         "Europe/Paris", "days.zone_of_file"),
        ("Time Zone: GMT +02:00\ntime,counts\n2024-04-03 12:00,1\n2024-04-03 12:01,2\n", BERLIN,
         BERLIN, ""),
        ("Time Zone: GMT +05:00\ntime,counts\n2024-04-03 12:00,1\n2024-04-03 12:01,2\n", BERLIN,
         BERLIN, "days.zone_contradicts"),
    ],
)  # fmt: skip
def test_a_zone_in_the_file_is_used(
    text: str, asked: str, zone: str, code: str, tmp_path: Path
) -> None:
    days = read(tmp_path, text, zone=asked)
    found = {one.code for one in days.findings if one.code.startswith("days.")}
    assert (days.clock.zone, found) == (zone, {code} - {""})
    assert not days.clock.findings()


def test_offsets_that_change_are_followed(tmp_path: Path) -> None:
    berlin = [datetime.fromisoformat("2024-03-30T22:00+01:00") + timedelta(minutes=n)
              for n in range(600)]  # fmt: skip
    walls = [
        f"{at:%Y-%m-%dT%H:%M}+01:00" if at.isoformat() < "2024-03-31T02" else
        f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M}+02:00" for at in berlin
    ]  # fmt: skip
    text = "time,counts\n" + "".join(f"{wall},{n}\n" for n, wall in enumerate(walls))
    days = read(tmp_path, text)
    assert days.counts[0].counts.tolist() == list(range(600))
    assert f"{days.clock.local(599 * 60.0):%H:%M}" == "08:59"
    assert np.diff(days.day_bounds_s()).ravel().tolist() == [23 * 3600.0]
    assert days.clock.zone == "UTC+01:00, UTC+02:00"


# nothing is lost in silence


def table(n: int = 40) -> list[str]:
    return [f"{at},{row},0" for row, at in enumerate(minutes(n))]


def with_row(row: int, text: str) -> list[str]:
    rows = table()
    rows[row] = text
    return rows


@pytest.mark.parametrize(
    ("rows", "code", "count", "missing"),
    [
        (with_row(5, f"{minutes(40)[5]},abc,0"), "counts.cell", "1 of 40", 1),
        (with_row(5, f"{minutes(40)[5]},-7,0"), "counts.cell", "1 of 40", 1),
        (with_row(5, f"{minutes(40)[5]},1e99,0"), "counts.cell", "1 of 40", 1),
        (with_row(5, "someday,3,0"), "counts.time", "1 of 40", 1),
        (with_row(39, "2024-04-03 12:3"), "counts.row", "1 of 40", 0),
        (with_row(5, f"{minutes(40)[5]},1,0,9,9"), "counts.row", "1 of 40", 1),
        (with_row(5, f"{minutes(40)[5]},,0"), "", "", 1),
    ],
)
def test_a_damaged_row_costs_itself_and_is_counted(
    rows: list[str], code: str, count: str, missing: int, tmp_path: Path
) -> None:
    days = read(tmp_path, "time,counts,mood\n" + "\n".join(rows) + "\n")
    values = days.counts[0].counts
    assert int(np.isnan(values).sum()) == missing
    assert values[1:5].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert said(days, "counts.columns").startswith("1 of 3 columns are not used: 'mood'")
    assert code == "" or said(days, code).startswith(count)


@pytest.mark.parametrize("cell", ["abc", "-1"])
def test_a_table_with_many_damaged_rows_is_refused(cell: str, tmp_path: Path) -> None:
    rows = [f"{at},{cell if row % 5 == 0 else row}" for row, at in enumerate(minutes(40))]
    with pytest.raises(PsgkitError, match="line 2, column 'counts'"):
        read(tmp_path, "time,counts\n" + "\n".join(rows))


def test_a_channel_map_beside_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "week.csv"
    path.write_text("time,counts\n2024-01-31T12:00,5\n2024-01-31T12:01,0\n")
    (tmp_path / "map.toml").write_text('[channels]\n"EMG" = "left_leg"\n')
    with pytest.raises(PsgkitError, match="which is no EDF recording"):
        read_days(path, DayOptions(channels=tmp_path / "map.toml"))
