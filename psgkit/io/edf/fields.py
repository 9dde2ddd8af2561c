"""Decode single fields of an EDF header, keeping a finding for each that is odd."""

import math
from dataclasses import dataclass, field

from psgkit.core.finding import Finding, Severity
from psgkit.errors import EdfFormatError


@dataclass(slots=True)
class HeaderFields:
    """Raw header bytes, and the findings that decoding them leaves behind."""

    name: str
    raw: bytes
    findings: list[Finding] = field(default_factory=list)
    not_ascii: list[tuple[int, str, str]] = field(default_factory=list)

    def note(self, severity: Severity, code: str, where: str, message: str) -> None:
        """Keep a finding."""
        self.findings.append(Finding(severity, code, f"{self.name}: {where}", message))

    def text(self, start: int, length: int, what: str) -> str:
        """Return a text field, decoded as ASCII, else UTF-8, else Latin-1 (both with a finding)."""
        raw = self.raw[start : start + length].rstrip(b" \x00")
        if raw.isascii():
            return raw.decode("ascii").strip()
        try:
            text, encoding = raw.decode("utf-8"), "UTF-8"
        except UnicodeDecodeError:
            text, encoding = raw.decode("latin-1"), "Latin-1"
        self.not_ascii.append((start, what, encoding))
        return text.strip()

    def note_encoding(self) -> None:
        """Keep one finding for all fields that are not ASCII."""
        if self.not_ascii:
            start, what, encoding = self.not_ascii[0]
            others = (
                f" and {len(self.not_ascii) - 1} more fields" if len(self.not_ascii) > 1 else ""
            )
            self.note(
                "warning",
                "edf.encoding",
                f"{what} (byte {start}){others}",
                f"not ASCII as the format asks; read as {encoding}",
            )

    def number(self, start: int, length: int, what: str) -> float:
        """Return a number field; a decimal comma is read with a finding, nonsense as NaN."""
        text = self.raw[start : start + length].strip(b" \x00").decode("latin-1")
        if "," in text and "." not in text:
            self.note(
                "warning",
                "edf.decimal_comma",
                f"{what} (byte {start})",
                f"decimal comma in {text!r}, read as a point",
            )
            text = text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            return math.nan
        # float() also takes "1_0", "inf" and "nan", which no recorder means
        return value if math.isfinite(value) and "_" not in text else math.nan

    def refuse(
        self, what: str, start: int, length: int, wanted: str, advice: str = ""
    ) -> EdfFormatError:
        """Return the error for a field that makes the file unreadable."""
        found = self.raw[start : start + length].decode("latin-1").strip("\x00 ")
        return EdfFormatError(f"{self.name}: {what} (byte {start})", repr(found), wanted, advice)
