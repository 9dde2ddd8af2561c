"""Data of an immobilisation test: protocol, settings, published values, report."""

from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.discomfort import Discomfort
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import Profile
from psgkit.core.ranges import check_ranges
from psgkit.core.recording import Channel, Segment
from psgkit.core.reviewed import Reviewed
from psgkit.detect.accelerometer.detect import AccelerometerDetection
from psgkit.detect.emg.detect import EmgDetection
from psgkit.scoring.rules import SIT_MICHAUD, WASM_2016, ScoringRules


@dataclass(frozen=True, kw_only=True, slots=True)
class SitSettings:
    """All settings of a test.

    Attributes
    ----------
    older, newer : ScoringRules
        The rules of the published values, and current rules for comparison.
    emg : EmgDetection
    accelerometer : AccelerometerDetection
    full_length_s : float
        A shorter test gets a warning (Montplaisir 1998: 60 minutes).
    step_s : float
        Length of the steps of the test; psgkit's own choice.
    modal_window_s : float
        The modal interval is the mean of those within the fullest window of this length;
        psgkit's own choice.
    """

    older: ScoringRules = SIT_MICHAUD
    newer: ScoringRules = WASM_2016
    emg: EmgDetection = field(default_factory=EmgDetection)
    accelerometer: AccelerometerDetection = field(default_factory=AccelerometerDetection)
    full_length_s: float = 3600.0
    step_s: float = 600.0
    modal_window_s: float = 2.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def as_dict(self) -> dict[str, Any]:
        """Return every value as plain data, in a fixed order."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Protocol:
    """A kind of test; ``index_older`` and ``index_newer`` are the names of its rates."""

    name: str
    title: str
    index_older: str
    index_newer: str
    movement: str


PROTOCOLS: Mapping[str, Protocol] = {
    "sit": Protocol(
        name="sit",
        title="Suggested immobilisation test",
        index_older="sit_index_older",
        index_newer="sit_index_wasm2016",
        movement="the person was asked not to move",
    ),
    "msit": Protocol(
        name="msit",
        title="Multiple suggested immobilisation test",
        index_older="msit_plmw",
        index_newer="msit_plmw_wasm2016",
        movement=(
            "movement was allowed in this test: msit_plmw is not comparable with the SIT index, "
            "nor with its published values"
        ),
    ),
}


FLOOR = (
    "Intervals in an immobilisation test are typically 11-12 s, right at the 10 s floor of WASM "
    "2016: each shorter one ends a series there, so the older rule (4-90 s), with which the "
    "published SIT index was found, comes first."
)


Grade = Literal["confirmed", "unconfirmed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A published value, shown beside a result without any comparison.

    ``confirmed``: read in the abstract of the source itself.
    """

    of: str
    value: float
    unit: str
    text: str
    source: str
    grade: Grade


_MONTPLAISIR = "Montplaisir et al. 1998, Mov Disord 13"
_MICHAUD_2002 = "Michaud et al. 2002, Eur Neurol 48:108-113"
_GARCIA_BORREGUERO = "Garcia-Borreguero et al. 2013, Sleep 36:1101-1109"

_SIT = (
    Reference(
        of="sit_index_older",
        value=40.0,
        unit="1/h",
        text=(
            "SIT index of the legs above 40/h, found with the older rule; with PLMS above 11/h "
            "(higher of two nights) each classed 81 % of patients and 81 % of controls"
        ),
        source=_MONTPLAISIR,
        grade="confirmed",
    ),
    Reference(
        of="sit_index_older",
        value=12.0,
        unit="1/h",
        text=(
            "SIT index of 12/h; that movements in the test separate RLS from controls poorly is "
            "confirmed, the value is not"
        ),
        source=_MICHAUD_2002,
        grade="unconfirmed",
    ),
    Reference(
        of="discomfort.mean",
        value=11.0,
        unit="mm",
        text=(
            "mean discomfort of 11 mm; that the mean has a sensitivity of 82 % and a specificity "
            "of 84 % is confirmed, the value is not"
        ),
        source=_MICHAUD_2002,
        grade="unconfirmed",
    ),
)
_MSIT = (
    Reference(
        of="discomfort.mean",
        value=2.68,
        unit="points",
        text=(
            "2.68 \u00b1 2.35 in RLS and 0.08 \u00b1 0.26 in controls, over the tests at 18, 20, "
            "22 and 24 h"
        ),
        source=_GARCIA_BORREGUERO,
        grade="confirmed",
    ),
)
REFERENCES: Mapping[str, tuple[Reference, ...]] = {"sit": _SIT, "msit": _MSIT}
"""By the name of the protocol."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkedPart:
    """The part ``[from_s, to_s)`` of a recording, and where each end comes from."""

    from_s: float
    to_s: float
    source: str

    @property
    def duration_s(self) -> float:
        """Return how long it lasts."""
        return self.to_s - self.from_s


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SitTest:
    """One test in a recording: its protocol, its time, and the answers to its prompts."""

    protocol: Protocol
    part: MarkedPart
    discomfort: Discomfort | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscomfortMean:
    """The mean of ``n`` answers."""

    mean: Index
    n: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SitStep:
    """Ten minutes of a test; the last step may be shorter."""

    from_s: float
    to_s: float
    awake_s: float
    indices: Mapping[str, Mapping[str, Index]]
    discomfort: DiscomfortMean


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SitReport:
    """Everything about one test.

    Attributes
    ----------
    source, sha256, start, duration_s, segments, channels
        Of the recording, as in ``NightReport``.
    settings : mapping
        All settings used.
    test : SitTest
        With the answers given during the test.
    awake_s : float
        Seconds of the test that count.
    findings : tuple of Finding
    movements : ScoredMovements
        By the older rule, of all groups.
    counted : bool array, shape (n,)
        Which of them begin awake.
    indices : mapping
        Group, then name.
    rhythm : mapping
        Rhythmic trains of the legs while the person sat awake, by name.
    steps : tuple of SitStep
    discomfort : mapping
        ``all``, then each part of the body that a prompt named.
    references : tuple of Reference
    profile : Profile
        Evidence of the test on RLS, RAS, RBS and akathisia.
    reviewed : Reviewed or None
        Who corrected the movements.
    """

    source: str
    sha256: str | None
    start: datetime | None
    duration_s: float
    segments: tuple[Segment, ...]
    settings: Mapping[str, Any]
    test: SitTest
    awake_s: float
    channels: tuple[Channel, ...]
    findings: tuple[Finding, ...]
    movements: ScoredMovements
    counted: NDArray[np.bool_]
    indices: Mapping[str, Mapping[str, Index]]
    rhythm: Mapping[str, Index]
    steps: tuple[SitStep, ...]
    discomfort: Mapping[str, DiscomfortMean]
    references: tuple[Reference, ...]
    profile: Profile
    reviewed: Reviewed | None = None
