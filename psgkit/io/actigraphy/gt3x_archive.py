"""The archive of a GT3X file: what it says about itself, and its log, unpacked with a limit."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

import numpy as np

from psgkit.core.finding import Finding
from psgkit.errors import InputFileError
from psgkit.io.scratch_file import ScratchFile

INFO, LOG, OLD_LOG = "info.txt", "log.bin", "activity.bin"
MOST_INFO_BYTES = 2**16
MOST_LOG_BYTES = 4 * 2**30
"""Ten weeks of three axes of 16 bits at 100 Hz; what unpacks to more is refused."""

MOST_ENTRIES = 1000
RATES_HZ = range(10, 257)
LONGEST_PLACE = 14  # a label of EDF, less its axis
WANTED = "a GT3X file of ActiGraph"
_BLOCK = 2**22


@dataclass(frozen=True, kw_only=True, slots=True)
class Gt3xInfo:
    """What ``info.txt`` says; keys in lower case."""

    where: str
    said: dict[str, str]

    @property
    def rate(self) -> int:
        """Return the samples a second; raise ``InputFileError`` for none that a device has."""
        text = self.said.get("sample rate", "")
        if not (text.isascii() and text.isdigit() and int(text[:6]) in RATES_HZ):
            wanted = f"{RATES_HZ[0]} to {RATES_HZ[-1]} Hz"
            raise InputFileError(f"{self.where}, {INFO}, Sample Rate", repr(text[:20]), wanted)
        return int(text)

    @property
    def place(self) -> str:
        """Return where it was worn, in words of a label; empty if it does not say."""
        side, limb = (self.said.get(key, "").strip() for key in ("side", "limb"))
        words = f"{side} {limb}".strip().title()
        return (
            words
            if limb and words.replace(" ", "").isalpha() and len(words) <= LONGEST_PLACE
            else ""
        )

    def number(self, key: str) -> float | None:
        """Return the value of a key as a number, None if there is none."""
        try:
            found = float(self.said.get(key, ""))
        except ValueError:
            return None
        return found if np.isfinite(found) else None


def is_gt3x(path: Path) -> bool:
    """Return whether a zip archive holds what a GT3X file holds."""
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return INFO in names and bool(names & {LOG, OLD_LOG})


def unpacked_log(path: Path) -> tuple[Gt3xInfo, ScratchFile, bool, list[Finding]]:
    """Return what is said about the log, the log, whether it is an old one, and findings."""
    findings: list[Finding] = []
    log = ScratchFile()
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) > MOST_ENTRIES:
                raise InputFileError(path.name, f"{len(names)} files in a zip", WANTED)
            with archive.open(INFO) as file:
                text = file.read(MOST_INFO_BYTES + 1)
            old = LOG not in names
            entry = archive.getinfo(OLD_LOG if old else LOG)
            if len(text) > MOST_INFO_BYTES or entry.file_size > MOST_LOG_BYTES:
                found = f"{max(len(text), entry.file_size) / 2**30:.1f} GB when unpacked"
                raise InputFileError(path.name, found, f"at most {MOST_LOG_BYTES // 2**30} GB")
            info = _info(text, path.name)
            with archive.open(entry) as packed:
                _copy(packed, log, path.name, findings)
    except KeyError as error:
        raise InputFileError(path.name, str(error)[:80], WANTED) from None
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        # RuntimeError: encrypted
        found = f"a zip archive that cannot be read ({str(error)[:80]})"
        raise InputFileError(path.name, found, WANTED) from None
    return info, log, old, findings


def _copy(packed: IO[bytes], log: ScratchFile, where: str, findings: list[Finding]) -> None:
    """Unpack the log; what comes before a damage is kept."""
    try:
        while block := packed.read(_BLOCK):
            if len(log) + len(block) > MOST_LOG_BYTES:
                wanted = f"at most {MOST_LOG_BYTES // 2**30} GB when unpacked"
                raise InputFileError(where, "more than its archive says", wanted)
            log.write(block)
    except (BadZipFile, zlib.error, EOFError) as error:
        message = f"the log is damaged after {len(log)} bytes ({str(error)[:60]}); the rest is lost"
        findings.append(Finding("warning", "gt3x.damaged", where, message))


def _info(raw: bytes, where: str) -> Gt3xInfo:
    text = raw.decode("utf-8-sig", errors="replace")
    rows = [line.partition(":") for line in text.splitlines()[:200]]
    said = {key.strip().lower(): value.strip() for key, colon, value in rows if colon}
    return Gt3xInfo(where=where, said=said)
