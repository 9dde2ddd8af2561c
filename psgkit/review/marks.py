"""The marks of a review, and everything else that a scorer can correct.

Conventions: times are seconds from the start of the recording; a mark stays in the table when it is
rejected, so that a reader of the review sees what was rejected.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from psgkit.core.dataclass import dataclass
from psgkit.core.events import KNOWN_KINDS
from psgkit.core.hypnogram import STAGES
from psgkit.core.site import Site
from psgkit.errors import ReviewError
from psgkit.review import fields

KINDS = tuple(kind for kind in KNOWN_KINDS if not kind.startswith("lights"))
"""Kinds of marks of a scorer; lights are one window a night."""
SENSOR_KINDS = ("accelerometer_movement", "gross_movement")
"""Kinds of marks of accelerometers: jerks, and what ends every series (changes of position, and
movements of more than 10 s)."""
ALL_KINDS = (*KINDS, *SENSOR_KINDS)
MOVEMENT_KINDS = ("lm", *SENSOR_KINDS)
STATUSES = ("undecided", "accepted", "rejected")
ORIGINS = ("detected", "scored", "added")
SITES = tuple(site.value for site in Site)
MOVEMENT_SITES = tuple(site for site in SITES if site not in ("", Site.WHOLE_BODY.value))
"""Sites whose movements are scored; a movement without one counts as one of a leg."""
MODALITIES = ("emg", "accelerometer", "scored", "")
_LONGEST_NAME_N = 80
_MOST_CHANNELS_N = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a mark was before any change."""

    kind: str
    onset_s: float
    end_s: float
    site: str
    sensor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SensorPlace:
    """Where an accelerometer is worn, and its channels; movements of it have both."""

    site: str
    channels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One movement, arousal, respiratory event or artefact.

    Attributes
    ----------
    id : str
        Unique in its review.
    kind, onset_s, end_s, site : str, float, float, str
    origin : {"detected", "scored", "added"}
        By psgkit, by the scoring that was given, or by the reviewer.
    status : {"undecided", "accepted", "rejected"}
    comment : str
    amplitude, amplitude_unit, channels, modality
        As measured; a mark that was added has none.
    found : Found or None
        What it was before any change; None for an added mark.
    sensor : str
        Name of the accelerometer that recorded it (``left_ankle``); else empty.
    """

    id: str
    kind: str
    onset_s: float
    end_s: float
    site: str = ""
    origin: str = "added"
    status: str = "undecided"
    comment: str = ""
    amplitude: float | None = None
    amplitude_unit: str = ""
    channels: tuple[str, ...] = ()
    modality: str = "scored"
    found: Found | None = None
    sensor: str = ""

    @classmethod
    def as_found(cls, **values: Any) -> "Mark":  # noqa: ANN401 - the fields of a mark
        """Return a mark that nobody has changed yet."""
        mark = cls(**values)
        return replace(mark, found=mark.now)

    def like(self, other: "Mark") -> "Mark":
        """Return the mark with kind, site and span of another.

        Examples
        --------
        >>> mark = Mark(id="m1", kind="lm", onset_s=3.0, end_s=5.0, comment="faint")
        >>> moved = mark.like(Mark(id="m2", kind="lm", onset_s=3.5, end_s=5.0))
        >>> moved.id, moved.onset_s, moved.comment
        ('m1', 3.5, 'faint')
        """
        return replace(
            self,
            kind=other.kind,
            site=other.site,
            sensor=other.sensor,
            channels=other.channels if other.sensor != self.sensor else self.channels,
            onset_s=other.onset_s,
            end_s=other.end_s,
        )

    @property
    def counts(self) -> bool:
        """Return whether the mark is scored: all but rejected ones are."""
        return self.status != "rejected"

    @property
    def is_movement(self) -> bool:
        """Return whether it is a movement, seen in EMG or by an accelerometer."""
        return self.kind in MOVEMENT_KINDS

    @property
    def of_sensor(self) -> bool:
        """Return whether it is a movement of an accelerometer."""
        return self.kind in SENSOR_KINDS

    @property
    def is_changed(self) -> bool:
        """Return whether the scoring differs from what was found because of this mark.

        Examples
        --------
        >>> Mark.as_found(id="m1", kind="lm", onset_s=3.0, end_s=5.0, origin="detected").is_changed
        False
        """
        return not self.counts if self.found == self.now else self.counts or self.found is not None

    @property
    def now(self) -> Found:
        """Return kind, span and site as they are now."""
        return Found(
            kind=self.kind,
            onset_s=self.onset_s,
            end_s=self.end_s,
            site=self.site,
            sensor=self.sensor,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the mark as a line of a review file holds it."""
        found = self.found
        return {
            "id": self.id,
            **_span(self.now),
            "origin": self.origin,
            "status": self.status,
            "comment": self.comment,
            "amplitude": self.amplitude,
            "amplitude_unit": self.amplitude_unit,
            "channels": list(self.channels),
            "modality": self.modality,
            "found": None if found is None else _span(found),
        }


def _span(found: Found) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "onset_s": found.onset_s,
        "end_s": found.end_s,
        "site": found.site,
        **({"sensor": found.sensor} if found.sensor else {}),
    }


def mark_from(value: object, where: str) -> Mark:
    """Return a mark read from outside.

    Raises
    ------
    ReviewError
        Naming the field that is wrong.
    """
    given = fields.table(value, where)
    now = _found_from(given, where)
    amplitude = given.get("amplitude")
    labels = fields.rows(given.get("channels", []), f"{where}: channels")[:_MOST_CHANNELS_N]
    found = given.get("found")
    return Mark(
        id=fields.text(given.get("id"), f"{where}: id", _LONGEST_NAME_N),
        kind=now.kind,
        onset_s=now.onset_s,
        end_s=now.end_s,
        site=now.site,
        sensor=now.sensor,
        origin=fields.one_of(given.get("origin"), f"{where}: origin", ORIGINS),
        status=fields.one_of(given.get("status"), f"{where}: status", STATUSES),
        comment=fields.text(given.get("comment", ""), f"{where}: comment"),
        amplitude=None
        if amplitude is None
        else fields.number(amplitude, f"{where}: amplitude", 0.0),
        amplitude_unit=fields.one_of(
            given.get("amplitude_unit", ""), f"{where}: amplitude_unit", ("", "uV", "g")
        ),
        channels=tuple(fields.text(one, f"{where}: channels") for one in labels),
        modality=fields.one_of(given.get("modality", "scored"), f"{where}: modality", MODALITIES),
        found=None if found is None else _found_from(fields.table(found, where), where),
    )


def _found_from(given: Mapping[str, Any], where: str) -> Found:
    onset_s = fields.number(given.get("onset_s"), f"{where}: onset_s")
    end_s = fields.number(given.get("end_s"), f"{where}: end_s")
    kind = fields.one_of(given.get("kind"), f"{where}: kind", ALL_KINDS)
    sensor = fields.text(given.get("sensor", ""), f"{where}: sensor", _LONGEST_NAME_N)
    if (kind in SENSOR_KINDS) != bool(sensor):
        wanted = "the name of its accelerometer" if kind in SENSOR_KINDS else f"none for {kind}"
        raise ReviewError(f"{where}: sensor", fields.shown(sensor), wanted)
    if not end_s > onset_s and kind in MOVEMENT_KINDS:
        raise ReviewError(f"{where}: end_s", f"{end_s:g}", f"more than onset_s, {onset_s:g}")
    if end_s < onset_s:
        raise ReviewError(f"{where}: end_s", f"{end_s:g}", f"onset_s, {onset_s:g}, or more")
    return Found(
        kind=kind,
        onset_s=onset_s,
        end_s=end_s,
        site=fields.one_of(given.get("site", ""), f"{where}: site", SITES),
        sensor=sensor,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stages:
    """Stages of consecutive epochs; all UNSCORED where nobody staged the night."""

    codes: tuple[str, ...]
    epoch_s: float = 30.0
    onset_s: float = 0.0

    def with_codes(self, first: int, codes: Iterable[str]) -> "Stages":
        """Return the stages with those from epoch ``first`` on replaced."""
        given = tuple(codes)
        kept = (*self.codes[:first], *given, *self.codes[first + len(given) :])
        return replace(self, codes=kept)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Lights off and on, seconds."""

    off_s: float
    on_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoring:
    """All that a review corrects, at one moment.

    Attributes
    ----------
    marks : mapping of id to Mark
    stages : Stages
    lights : Window
    decided : mapping of str to str
        Of a consensus: which side was taken, by the id of the disagreement.
    """

    marks: Mapping[str, Mark]
    stages: Stages
    lights: Window
    decided: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the scoring as a review file holds it."""
        return {
            "marks": [mark.as_dict() for mark in self.marks.values()],
            "stages": {
                "epoch_s": self.stages.epoch_s,
                "onset_s": self.stages.onset_s,
                "codes": list(self.stages.codes),
            },
            "lights": {"off_s": self.lights.off_s, "on_s": self.lights.on_s},
            **({"decided": dict(self.decided)} if self.decided else {}),
        }


def scoring_from(value: object, where: str) -> Scoring:
    """Return a scoring read from outside.

    Raises
    ------
    ReviewError
        Naming the field that is wrong.
    """
    given = fields.table(value, where)
    stages = fields.table(given.get("stages"), f"{where}: stages")
    marks: dict[str, Mark] = {}
    for row, one in enumerate(fields.rows(given.get("marks"), f"{where}: marks")):
        mark = mark_from(one, f"{where}: marks {row}")
        if mark.id in marks:
            raise ReviewError(f"{where}: marks {row}: id", f"{mark.id!r} twice", "one mark an id")
        marks[mark.id] = mark
    return Scoring(
        marks=marks,
        stages=Stages(
            codes=codes_from(stages.get("codes"), f"{where}: codes"),
            epoch_s=fields.number(stages.get("epoch_s"), f"{where}: epoch_s", 0.1, 3600.0),
            onset_s=fields.number(stages.get("onset_s"), f"{where}: stages: onset_s"),
        ),
        lights=window_from(given.get("lights"), f"{where}: lights"),
        decided=_decided_from(given, where),
    )


def _decided_from(given: Mapping[str, Any], where: str) -> dict[str, str]:
    where = f"{where}: decided"
    return {
        fields.text(name, where, _LONGEST_NAME_N): fields.text(take, where, _LONGEST_NAME_N)
        for name, take in fields.table(given.get("decided", {}), where).items()
    }


def codes_from(value: object, where: str) -> tuple[str, ...]:
    """Return stages read from outside."""
    return tuple(fields.one_of(code, where, STAGES) for code in fields.rows(value, where))


def window_from(value: object, where: str) -> Window:
    """Return lights off and on read from outside."""
    given = fields.table(value, where)
    off_s = fields.number(given.get("off_s"), f"{where}: off_s")
    on_s = fields.number(given.get("on_s"), f"{where}: on_s")
    if not off_s < on_s:
        raise ReviewError(where, f"off at {off_s:g} s, on at {on_s:g} s", "off before on")
    return Window(off_s=off_s, on_s=on_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """What changes in a scoring; the inverse of an edit is an edit.

    Attributes
    ----------
    marks : mapping of id to Mark or None
        None removes the mark.
    stages : (int, tuple of str) or None
        First epoch and the stages from there on.
    lights : Window or None
    decided : mapping of str to str
        Which side of a disagreement is taken; an empty text takes a decision back.
    """

    marks: Mapping[str, Mark | None] = field(default_factory=dict)
    stages: tuple[int, tuple[str, ...]] | None = None
    lights: Window | None = None
    decided: Mapping[str, str] = field(default_factory=dict)

    def inverse(self, scoring: Scoring) -> "Edit":
        """Return what undoes this edit of ``scoring``."""
        stages = None
        if self.stages is not None:
            first, codes = self.stages
            stages = (first, scoring.stages.codes[first : first + len(codes)])
        return Edit(
            marks={name: scoring.marks.get(name) for name in self.marks},
            stages=stages,
            lights=None if self.lights is None else scoring.lights,
            decided={name: scoring.decided.get(name, "") for name in self.decided},
        )

    def applied(self, scoring: Scoring) -> Scoring:
        """Return the scoring after this edit."""
        marks = scoring.marks
        if self.marks:
            kept = {**marks, **self.marks}
            marks = {name: mark for name, mark in kept.items() if mark is not None}
        stages = scoring.stages
        if self.stages is not None:
            stages = stages.with_codes(*self.stages)
        decided = scoring.decided
        if self.decided:
            taken = {**decided, **self.decided}
            decided = {name: take for name, take in taken.items() if take}
        lights = self.lights or scoring.lights
        return Scoring(marks=marks, stages=stages, lights=lights, decided=decided)

    def as_dict(self) -> dict[str, Any]:
        """Return the edit as a line of a review file holds it."""
        found: dict[str, Any] = {}
        if self.marks:
            found["marks"] = {
                name: None if mark is None else mark.as_dict() for name, mark in self.marks.items()
            }
        if self.stages is not None:
            found["stages"] = {"first_epoch": self.stages[0], "codes": list(self.stages[1])}
        if self.lights is not None:
            found["lights"] = {"off_s": self.lights.off_s, "on_s": self.lights.on_s}
        if self.decided:
            found["decided"] = dict(self.decided)
        return found


def edit_from(value: object, where: str) -> Edit:
    """Return an edit read from outside.

    Raises
    ------
    ReviewError
        Naming the field that is wrong.
    """
    given = fields.table(value, where)
    marks: dict[str, Mark | None] = {}
    for name, one in fields.table(given.get("marks", {}), f"{where}: marks").items():
        mark = None if one is None else mark_from(one, f"{where}: mark {fields.shown(name)}")
        if mark is not None and mark.id != name:
            raise ReviewError(f"{where}: mark {fields.shown(name)}: id", mark.id, "that of its key")
        marks[fields.text(name, f"{where}: marks", _LONGEST_NAME_N)] = mark
    stages = None
    if "stages" in given:
        of_stages = fields.table(given["stages"], f"{where}: stages")
        first = fields.whole(of_stages.get("first_epoch"), f"{where}: first_epoch")
        stages = (first, codes_from(of_stages.get("codes"), f"{where}: codes"))
    lights = window_from(given["lights"], f"{where}: lights") if "lights" in given else None
    decided = _decided_from(given, where)
    return Edit(marks=marks, stages=stages, lights=lights, decided=decided)
