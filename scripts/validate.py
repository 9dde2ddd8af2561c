"""Compare psgkit with people who scored the same nights.

    python scripts/validate.py psg-ipa FOLDER --out DIR
    python scripts/validate.py psg-ipa FOLDER --out DIR --download
    python scripts/validate.py dreams FOLDER --out DIR
    python scripts/validate.py challenge-2026 FOLDER --out DIR
    python scripts/validate.py generic FOLDER --out DIR

Nothing is downloaded unless ``--download`` asks for it: files that are not in FOLDER yet, by HTTPS,
each compared with the SHA-256 that the data set publishes. ``--list`` says which data sets are
read, and why others are not. What is measured: ``docs/validation.md``.
"""

import argparse
import hashlib
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from psgkit.agreement.validation import validate
from psgkit.agreement.validation_datasets import DATASETS, REFUSED
from psgkit.errors import InputFileError, PsgkitError, SettingsError
from psgkit.io.channels.channel_map import read_channel_map
from psgkit.io.new_files import new_file
from psgkit.report.validation import write_validation

SOURCES = {"psg-ipa": "https://physionet.org/files/psg-ipa/1.0.0/"}
"""Where files of a data set are, as far as known; ``--source`` names another place."""
WANTED = {"psg-ipa": r"(.*/)?(PSG/[^/]*_LimbMovements|Annotations/manual/[^/]*_scorer[^/]*)\.edf"}
"""Which files of a data set are compared."""
SUMS = "SHA256SUMS.txt"
SOME_LEFT_OUT = 1
"""Exit code if files could not be read and the others were compared."""
_MOST_SUMS_BYTES = 10_000_000
_TIMEOUT_S = 60
_BLOCK = 1 << 20


def download(dataset: str, folder: Path, source: str) -> int:
    """Fetch the wanted files that are missing or differ; return how many came.

    Raises
    ------
    SettingsError
        If the source is not HTTPS, or nothing of the data set can be fetched.
    InputFileError
        If a file cannot be fetched, or is not what its sum says.
    """
    own_machine = source.startswith(("http://127.0.0.1:", "http://localhost:"))
    if not (source.startswith("https://") or own_machine):
        raise SettingsError("--source", source, "an address that begins with https://")
    if dataset not in WANTED:
        raise SettingsError("--download", dataset, f"one of {', '.join(WANTED)}")
    source = source.rstrip("/") + "/"
    sums = _read(source + SUMS).read(_MOST_SUMS_BYTES).decode("utf-8", errors="replace")
    wanted = {
        row[2]: row[1]
        for line in sums.splitlines()
        if (row := re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line.strip()))
        and re.fullmatch(WANTED[dataset], row[2], re.IGNORECASE)
    }
    if not wanted:
        raise InputFileError(source + SUMS, "no file of this data set", f"files of {dataset}")
    came = 0
    for name, digest in sorted(wanted.items()):
        path = _inside(folder, name)
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
            continue
        print(f"{name} ...")
        _fetch(source + name, path, digest)
        came += 1
    return came


def _inside(folder: Path, name: str) -> Path:
    """Return the path of a file below the folder."""
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or parts[0] == "/" or "\\" in name:
        raise InputFileError(SUMS, f"the name {name!r}", "names below the folder")
    return folder.joinpath(*parts)


def _read(address: str) -> "urllib.request.addinfourl":  # type: ignore[name-defined]
    """Open an address."""
    try:
        return urllib.request.urlopen(address, timeout=_TIMEOUT_S)
    except (urllib.error.URLError, OSError, ValueError) as error:
        advice = "Look at the data set's page for its address, and give it with --source."
        raise InputFileError(address, str(error)[:100], "a file", advice) from None


def _fetch(address: str, path: Path, digest: str) -> None:
    """Write what lies at an address to a file, which appears when it is whole and right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    with new_file(path) as part:
        with _read(address) as answer, part.open("xb") as file:
            while block := answer.read(_BLOCK):
                found.update(block)
                file.write(block)
        if found.hexdigest() != digest:
            got = f"a file with the SHA-256 {found.hexdigest()[:12]}..."
            raise InputFileError(address, got, f"{digest[:12]}...")


def print_list() -> None:
    """Print each data set with what is known of its layout, what is assumed, and the sources."""
    for name, dataset in DATASETS.items():
        print(f"{name}: {dataset.about}")
        parts = (("known", dataset.known), ("assumed", dataset.assumed))
        for word, lines in (*parts, ("source", dataset.sources)):
            for line in lines:
                print(f"  {word:8} {line}")
    for name, reason in REFUSED.items():
        print(f"{name}: not read. {reason}")


def main(given: Sequence[str] | None = None) -> int:
    """Compare, write, print the names of the files; return the exit code."""
    parser = argparse.ArgumentParser(description="psgkit against people, on nights they scored.")
    parser.add_argument(
        "dataset", nargs="?", metavar="DATASET", help=f"one of {', '.join(DATASETS)}"
    )
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for tables and page")
    parser.add_argument("--list", action="store_true", help="which data sets are read")
    parser.add_argument("--download", action="store_true", help="fetch what is not in FOLDER")
    parser.add_argument("--channels", type=Path, metavar="FILE", help="channel map (TOML)")
    parser.add_argument("--source", metavar="URL", help="where to download from")
    options = parser.parse_args(given)
    if options.list:
        print_list()
        return 0
    if options.dataset in REFUSED:
        print(f"{options.dataset}: not read. {REFUSED[options.dataset]}", file=sys.stderr)
        return 2
    if options.dataset is None or options.folder is None or options.out is None:
        parser.error("wanted DATASET FOLDER --out DIR; --list says which data sets are read")
    try:
        if options.download:
            source = options.source or SOURCES.get(options.dataset, "")
            came = download(options.dataset, options.folder, source)
            print(f"{came} files downloaded to {options.folder}")
        channels = read_channel_map(options.channels) if options.channels else None
        document = validate(
            options.dataset, options.folder, lambda night: print(f"{night} ..."), channels
        )
        written = write_validation(document, options.out)
    except PsgkitError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    for path in written:
        print(path)
    errors = [one for one in document["findings"] if one["severity"] == "error"]
    for one in errors:
        print(f"error: {one['where']}: {one['message']}", file=sys.stderr)
    return SOME_LEFT_OUT if errors else 0


if __name__ == "__main__":
    sys.exit(main())
