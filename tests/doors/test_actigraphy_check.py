"""``psgkit check`` names a recording of days, and the command that reads it."""

from pathlib import Path

import pytest

from psgkit.check.survey import check_file

AWD = "X\n31-Jan-2024\n12:00\n 4 \n57\nV665936\nF\n9\n0 M\n7\n"
ACTILIFE = "--- Data Table File Created By ActiGraph GT3X+ ---\nAxis1\n1\n"
ACTIWARE = '\ufeff"Fichier d\'exportation Actiware"\n"Ligne","Date","Heure","Activit\u00e9"\n'


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("week.awd", AWD, "Actiwatch AWD"),
        ("my week.csv", ACTILIFE, "ActiLife table"),
        ("week.csv", ACTIWARE, "Actiware export"),
    ],
)
def test_a_recording_of_days_is_named_with_its_command(
    name: str, text: str, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    error = check_file(file).error
    assert error is not None
    assert error.found == f"a recording of days ({kind})"
    quoted = f"'{name}'" if " " in name else name
    assert error.advice == f"Read it with: psgkit days {quoted}"


def test_another_text_is_no_recording(tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_text("mood\nfine\n")
    error = check_file(file).error
    assert error is not None
    assert "recording of days" not in error.found
