"""What an immobilisation test is, and everything psgkit found out about one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.discomfort import Discomfort
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import Profile
from psgkit.core.recording import Channel, Segment
from psgkit.detect.accelerometer.detect import AccelerometerDetection
from psgkit.detect.emg.detect import EmgDetection
from psgkit.scoring.rules import SIT_MICHAUD, WASM_2016, ScoringRules
from psgkit.sit.references import Reference
from psgkit.sit.test_window import MarkedPart


@dataclass(frozen=True, kw_only=True, slots=True)
class SitSettings:
    """Every number that decides the result of a test.

    Attributes
    ----------
    older, newer : ScoringRules
        The rule the published values were found with, and the present one beside it.
    emg : EmgDetection
    accelerometer : AccelerometerDetection
    full_length_s : float
        A shorter test is said to be short (Montplaisir 1998: 60 minutes).
    step_s : float
        Length of the parts that are shown one by one; 10 minutes are ours.
    modal_window_s : float
        The modal interval is the mean of those within the fullest window of this length; ours.
    """

    older: ScoringRules = SIT_MICHAUD
    newer: ScoringRules = WASM_2016
    emg: EmgDetection = field(default_factory=EmgDetection)
    accelerometer: AccelerometerDetection = field(default_factory=AccelerometerDetection)
    full_length_s: float = 3600.0
    step_s: float = 600.0
    modal_window_s: float = 2.0

    def as_dict(self) -> dict[str, Any]:
        """Return every value as plain data, in a fixed order."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Protocol:
    """A kind of test; ``index_older`` and ``index_newer`` are what its rates are called."""

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
        movement="the person was told not to move",
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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SitTest:
    """One test in a recording: its kind, when it was, and what was answered to its prompts."""

    protocol: Protocol
    part: MarkedPart
    discomfort: Discomfort | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscomfortMean:
    """The mean of the answers, never the largest; ``n`` is how many there were."""

    mean: Index
    n: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SitStep:
    """Ten minutes of a test, or what is left at its end."""

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
        Every number it was made with.
    test : SitTest
        With the answers that were given during the test.
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
        What the test says of RLS, RAS, RBS and akathisia.
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
