"""A report of psgkit where another is wanted: the message says what it is and what reads it."""

from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
NIGHT = SAMPLES / "rls" / "night.edf"
PART = ("report", NIGHT, "--protocol", "sit", "--from", "0", "--to", "600")
REST_TEST = "found a report of a rest test (rest_test.json)"
SIT = "found a report of an immobilisation test (sit.json)"


def written(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.json"
    path.write_text(f'{{\n "schema": "psgkit.{kind}/1",\n "psgkit": {{}}\n}}\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("kind", "options", "found", "reads"),
    [
        ("rest_test", ("report", NIGHT, "--sit"), REST_TEST, "--sit takes the sit.json"),
        ("night", ("report", NIGHT, "--sit"), "found a night report", "psgkit nights"),
        ("sit", ("report", NIGHT, "--protocol", "rest-test", "--parts"), SIT, "--sit FILE"),
        ("rest_test", (*PART, "--discomfort"), REST_TEST, "--sit takes"),
        ("sit", ("report", NIGHT, "--context"), SIT, "--sit FILE"),
        ("rest_test", ("report", NIGHT, "--settings"), REST_TEST, "--protocol rest-test"),
        ("rest_test", ("report", NIGHT, "--events"), REST_TEST, "--protocol rest-test"),
        ("sit", ("score",), SIT, "--sit FILE"),
        ("rest_test", ("score",), REST_TEST, "--protocol rest-test"),
        ("days", ("score",), "found a report of days of actigraphy", "see its page"),
        ("rest_test", ("export", "--to", "csv"), REST_TEST, "--protocol rest-test"),
    ],
)
def test_it_is_named_with_what_reads_it(
    kind: str,
    options: tuple[object, ...],
    found: str,
    reads: str,
    tmp_path: Path,
    psgkit: Command,
) -> None:
    code, out, err = psgkit(*options, written(tmp_path, kind))
    assert code in {2, 3}
    assert out == ""
    assert found in err
    assert reads in err


def test_nights_leave_both_kinds_of_tests_out(tmp_path: Path, psgkit: Command) -> None:
    nights = [SAMPLES / "case" / f"night-{number}.json" for number in (1, 2)]
    tests = [written(tmp_path, "sit"), written(tmp_path, "rest_test")]
    code, out, err = psgkit("nights", *nights, *tests, "--json")
    assert code == 0, err
    assert out.count('"nights.test"') == 2
