"""Identifiers of nights in a cohort, free of personal names.

A night is named by the subject, session and run of a manifest or a BIDS data set, else by a hash of
its recording.  A file name may be the name of a patient and is used only on request.
"""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex

Protocol = Literal["night", "days"]
"""What a recording is: a night, or days on end."""
ID_HEX_DIGITS = 12
"""Digits of a hash that stands for a name: of 500 cohorts of a million nights, one has a pair."""
LONGEST_ID = 100
"""Characters; a folder name may have 255 bytes, and what is written into it adds to a path."""

_NOT_IN_A_NAME = regex(r"[^A-Za-z0-9._-]+")
_NO_FOLDER = regex(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class NightIdentity:
    """What identifies one night of a cohort.

    Attributes
    ----------
    night_id : str
        Name of its folder and key of its rows in every table; safe as a file name.
    subject, session : str
        As stated by a manifest or a BIDS data set; empty where nothing was stated.
    recording : str
        Name of the recording in outputs: ``night_id`` and the suffix of the file, or the file name
        if names are kept.
    extra : mapping of str to str
        Other columns of the manifest, as written.
    protocol : {"night", "days"}
    """

    night_id: str
    subject: str = ""
    session: str = ""
    recording: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    protocol: Protocol = "night"

    def __post_init__(self) -> None:
        if not self.night_id or safe_name(self.night_id) != self.night_id:
            raise ValueError(f"night_id must be a safe file name, got {self.night_id!r}")


def identity_of(
    labels: tuple[str, str, str], hashed: str, suffix: str, extra: Mapping[str, str]
) -> NightIdentity:
    """Return the identity of a night from its stated labels, else from a hash.

    Parameters
    ----------
    labels : (str, str, str)
        Subject, session and run as stated in the source; empty where not stated.
    hashed : str
        Hexadecimal digits computed from the recording, used if no subject is stated.
    suffix : str
        Suffix of the recording, with its point.
    extra : mapping of str to str
        Other columns of the manifest.

    Examples
    --------
    >>> identity_of(("P 7", "2", ""), "0123456789abcdef", ".edf", {}).recording
    'P-7_2.edf'
    >>> identity_of(("", "", ""), "0123456789abcdef", ".edf", {}).night_id
    '0123456789ab'
    """
    subject, session, run = labels
    stated = safe_name("_".join(part for part in map(safe_name, labels) if part))
    night_id = stated if safe_name(subject) else hashed[:ID_HEX_DIGITS]
    extra = {**({"run": run} if run else {}), **extra}
    return NightIdentity(
        night_id=night_id,
        subject=subject,
        session=session,
        recording=f"{night_id}{suffix.lower()}",
        extra=extra,
    )


def safe_name(text: str) -> str:
    """Return ``text`` as a file name that is valid on every system; may be empty.

    Examples
    --------
    >>> safe_name("sub 01/é"), safe_name("../x"), safe_name("con")
    ('sub-01', 'x', 'con-')
    """
    name = _NOT_IN_A_NAME.sub("-", text).strip("-. ")[:LONGEST_ID].rstrip("-. ")
    return f"{name}-" if _NO_FOLDER.fullmatch(name.partition(".")[0]) else name
