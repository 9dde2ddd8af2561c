"""Night report into a folder: complete files or none.

Everything is rendered before the first byte is written, and each file appears under its name by a
rename, so a reader never meets half a file and an older report survives a failure.
"""

import contextlib
import secrets
from collections.abc import Mapping
from pathlib import Path

from psgkit.core.excerpts import SignalExcerpts
from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.errors import SettingsError
from psgkit.report.as_json import night_as_json
from psgkit.report.html import night_as_html
from psgkit.report.outside_text import encodable
from psgkit.report.pdf.night import night_as_pdf
from psgkit.report.tables import indices_csv, movements_csv, sensor_csvs


def write_report(
    report: NightReport,
    folder: str | Path,
    excerpts: SignalExcerpts | None = None,
    *,
    pdf: bool = False,
    letterhead: Letterhead | None = None,
) -> list[Path]:
    """Return the files written into ``folder``, which is made if it is not there.

    ``report.json`` comes last: when it is new, so are the others.

    Parameters
    ----------
    report : NightReport
    folder : path
    excerpts : SignalExcerpts, optional
        Pieces of the signals for the page.
    pdf : bool
        Write ``report.pdf``, too.
    letterhead : Letterhead, optional
        Who makes the report, as ``psgkit.io.logo.read_letterhead`` reads it from the settings.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    texts = {
        "movements.csv": movements_csv(report),
        "indices.csv": indices_csv(report),
        **sensor_csvs(report),
        "report.html": night_as_html(report, excerpts, letterhead),
        "report.json": night_as_json(report),
    }
    contents = {"report.pdf": night_as_pdf(report, letterhead)} if pdf else {}
    return write_contents({**contents, **encoded(texts)}, Path(folder))


def write_texts(texts: dict[str, str], folder: Path) -> list[Path]:
    """Return the files of these names and texts, all of them written into ``folder``.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    return write_contents(encoded(texts), folder)


def encoded(texts: Mapping[str, str]) -> dict[str, bytes]:
    """Return texts as the bytes of their files; half characters become whole ones."""
    return {name: encodable(text).encode("utf-8") for name, text in texts.items()}


def write_contents(contents: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Return the files of these names (``a/b.tsv`` lies in a folder of its own) and bytes.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write_all(contents, folder)
    except OSError as error:
        raise SettingsError(
            where=str(folder),
            found=error.strerror or str(error),
            wanted="a folder that can be written to",
        ) from error


def _write_all(contents: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Return the paths of ``contents`` after all of them were written; clean up if one fails."""
    with contextlib.ExitStack() as cleanup:
        written = []
        for name, content in contents.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
            cleanup.callback(part.unlink, missing_ok=True)
            with part.open("xb") as file:
                file.write(content)
            written.append((part, target))
        return [part.replace(path) for part, path in written]
