"""REM sleep without atonia: shares of mini-epochs and epochs with muscle activity.

Stretches of REM sleep are divided into mini-epochs of 3 s and epochs of 30 s.  A mini-epoch is left
out if any of it is unusable (missing, flat, at the limit of the recorder) or touches an artefact of
the whole body, an arousal or a respiratory event that was scored; it is counted under the first of
these.  Snoring is left out only where a scorer marked it as one of these.

- Phasic: a burst of 0.1 to 5 s reaches into the mini-epoch, by more than the 0.05 s by which the
  mean over 0.1 s lengthens it.
- Any: a burst of 0.1 s or longer does, or at least half of the mini-epoch is sustained.
- Tonic: more than half of what is left of an epoch is sustained; the same of what lies above the
  lowest of NREM sleep is given apart.

An epoch needs half of its mini-epochs (psgkit's own choice).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS, Events
from psgkit.core.index import Index, all_missing
from psgkit.core.index_catalogue import names_of
from psgkit.core.intervals import Intervals, union
from psgkit.core.message import translatable
from psgkit.core.site import Site
from psgkit.detect.emg.atonia import AtoniaRule, MuscleActivity
from psgkit.detect.emg.atonia_channels import RemActivity
from psgkit.sleep.time_in_stages import NightTime

GROUP = "rem_atonia"
_HALF = 0.5
_LEAST_MARK_S = 0.001
_SHARES = (
    *("chin_tonic_pct", "chin_phasic_pct", "chin_any_pct"),
    *("chin_phasic_epochs_pct", "chin_any_epochs_pct"),
)
_ABOVE_NREM = "chin_above_nrem_pct"
_WITH_ARMS = ("arm_phasic_pct", "chin_or_arm_pct", "chin_or_arm_epochs_pct")
_OF_EPOCHS = frozenset(
    {"chin_tonic_pct", "chin_phasic_epochs_pct", "chin_any_epochs_pct", _ABOVE_NREM, _WITH_ARMS[2]}
)
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CutOff:
    """A published cut-off.

    ``status`` is how far the source was read: ``abstract``, or ``unverified``, which is not
    printed.  ``flexors`` marks one that holds for the flexor digitorum superficialis only.
    """

    index: str
    percent: float
    source: str
    status: str
    flexors: bool = False


_SINBAR = "Frauscher et al. 2012, Sleep 35:835-847"
CUT_OFFS = (
    # 30 people with RBD and 30 controls, at a specificity of 100 %
    CutOff("chin_any_pct", 18.0, _SINBAR, "abstract"),
    CutOff("chin_or_arm_pct", 32.0, _SINBAR, "abstract", flexors=True),
    # quoted for epochs of 30 s; no text that could be read has it
    CutOff("chin_or_arm_epochs_pct", 27.0, _SINBAR, "unverified", flexors=True),
)
"""The guideline of the International RBD Study Group (Cesari et al. 2022, Sleep 45:zsab257) was
read as an abstract, which states no cut-off."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MiniEpochs:
    """Mini-epochs of REM sleep, and the whole epoch each belongs to (-1: none).

    Attributes
    ----------
    starts_s : array, shape (n,)
    epoch : array, shape (n,)
    n_epochs : int
    length_s : float
    """

    starts_s: Floats
    epoch: NDArray[np.int64]
    n_epochs: int
    length_s: float

    @classmethod
    def of(cls, rem_s: Intervals, rule: AtoniaRule) -> "MiniEpochs":
        """Return the mini-epochs of disjoint stretches; each stretch begins an epoch.

        Examples
        --------
        >>> found = MiniEpochs.of(np.array([[0.0, 61.0]]), AtoniaRule())
        >>> len(found.starts_s), found.n_epochs, found.epoch[[0, 10, 19]].tolist()
        (20, 2, [0, 1, 1])
        """
        starts, epochs, n_epochs = [np.empty(0)], [np.empty(0, dtype=np.int64)], 0
        for begin_s, end_s in rem_s.tolist():
            length_s = end_s - begin_s + SLACK_S
            at_s = np.arange(int(length_s / rule.mini_epoch_s)) * rule.mini_epoch_s
            own = ((at_s + SLACK_S) / rule.epoch_s).astype(np.int64)
            whole_n = int(length_s / rule.epoch_s)
            starts.append(begin_s + at_s)
            epochs.append(np.where(own < whole_n, own + n_epochs, -1))
            n_epochs += whole_n
        return cls(
            starts_s=np.concatenate(starts),
            epoch=np.concatenate(epochs),
            n_epochs=n_epochs,
            length_s=rule.mini_epoch_s,
        )

    def covered_s(self, runs: Intervals) -> Floats:
        """Return how many seconds of each mini-epoch lie in disjoint runs."""
        if not len(runs):
            return np.zeros(len(self.starts_s))
        edges_s = runs.ravel()
        steps = np.zeros(len(edges_s))
        steps[1::2] = runs[:, 1] - runs[:, 0]
        until_s = np.cumsum(steps)
        begin, end = (np.interp(at_s, edges_s, until_s) for at_s in (self.starts_s, self._ends_s()))
        return np.asarray(end - begin)

    def touch(self, runs: Intervals, reach_s: float = 0.0) -> Flags:
        """Return which mini-epochs overlap disjoint runs for more than ``reach_s``."""
        return self.covered_s(runs) > reach_s + SLACK_S

    def within(self, runs: Intervals) -> Flags:
        """Return which mini-epochs lie wholly in disjoint runs."""
        # a step of the amplitude may begin or end in the middle of the first and last one
        return self.covered_s(runs) >= self.length_s - 0.02

    def per_epoch(self, weight: NDArray[np.generic]) -> Floats:
        """Return the sum of a weight over the mini-epochs of each whole epoch."""
        inside = self.epoch >= 0
        summed = np.bincount(
            self.epoch[inside], np.asarray(weight[inside], np.float64), self.n_epochs
        )
        return summed.astype(np.float64)

    def _ends_s(self) -> Floats:
        return self.starts_s + self.length_s


def rem_atonia_indices(
    found: RemActivity, time: NightTime, events: Events, rule: AtoniaRule
) -> dict[str, Index]:
    """Return the indices of the group ``rem_atonia``.

    Parameters
    ----------
    found : RemActivity
    time : NightTime
        Stages and lights.
    events : Events
        Scored arousals, respiratory events and artefacts.
    rule : AtoniaRule
    """
    # a recording without a chin says so first: most have none
    why = found.chin_reason or why_no_rem(time)
    if why or found.chin is None:
        return all_missing(names_of(GROUP), why)
    minis = MiniEpochs.of(time.stretches(("R",)), rule)
    left, excluded = _left(minis, found.chin, events)
    level_uv = found.chin.background_uv[np.isfinite(found.chin.background_uv)]
    used_min = float(left.sum()) * rule.mini_epoch_s / 60.0
    indices = {
        "rem_used_min": Index.plain("rem_used_min", used_min),
        "mini_epochs_n": Index.plain("mini_epochs_n", int(left.sum())),
        **excluded,
        "chin_background_uv": Index.plain("chin_background_uv", float(np.median(level_uv))),
    }
    if used_min < rule.least_rem_min - SLACK_S:
        few = translatable(
            f"{used_min:.1f} min of REM sleep are left, and at least {rule.least_rem_min:g} are "
            "needed"
        )
        return indices | all_missing(("epochs_n", *_SHARES, _ABOVE_NREM, *_WITH_ARMS), few)
    chin = _Shown.of(found.chin, minis, rule)
    tonic, enough = _tonic(chin.sustained_s, minis, left, rule)
    counts = {
        "chin_phasic_pct": (chin.phasic & left, left),
        "chin_any_pct": (chin.any & left, left),
        "chin_tonic_pct": (tonic, enough),
        "chin_phasic_epochs_pct": (_mostly(chin.strong, minis, left), enough),
        "chin_any_epochs_pct": (tonic | _mostly(chin.any, minis, left), enough),
    }
    indices["epochs_n"] = Index.plain("epochs_n", int(enough.sum()))
    indices |= {name: _percent(name, *pair) for name, pair in counts.items()}
    indices |= _above_nrem(found.chin, minis, left, rule)
    return indices | _with_arms(found, chin, minis, left, rule)


def why_no_rem(time: NightTime) -> str:
    """Return why there is no REM sleep to measure; empty if there is."""
    return "" if len(time.stretches(("R",))) and time.tells_stages else time.why_no_hours(("R",))


def cut_off_of(name: str, *, flexors: bool) -> CutOff | None:
    """Return the published cut-off of an index that could be verified, None without one.

    Examples
    --------
    >>> cut_off_of("chin_any_pct", flexors=False).percent
    18.0
    >>> cut_off_of("chin_or_arm_pct", flexors=False) is None
    True
    """
    return next(
        (
            one
            for one in CUT_OFFS
            if one.index == name and one.status != "unverified" and (flexors or not one.flexors)
        ),
        None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """Which mini-epochs show activity of a muscle, and how long each is sustained."""

    phasic: Flags
    strong: Flags
    any: Flags
    sustained_s: Floats

    @classmethod
    def of(cls, muscle: MuscleActivity, minis: MiniEpochs, rule: AtoniaRule) -> "_Shown":
        """Return what a muscle shows in the mini-epochs."""
        sustained_s = minis.covered_s(muscle.sustained)
        reach_s = _HALF * rule.shortest_s
        return cls(
            minis.touch(_phasic(muscle.bursts, rule), reach_s),
            minis.touch(_phasic(muscle.strong, rule), reach_s),
            minis.touch(muscle.bursts, reach_s) | (sustained_s >= _HALF * minis.length_s),
            sustained_s,
        )


def _phasic(bursts: Intervals, rule: AtoniaRule) -> Intervals:
    return bursts[bursts[:, 1] - bursts[:, 0] <= rule.longest_s + SLACK_S]


def _left(
    minis: MiniEpochs, chin: MuscleActivity, events: Events
) -> tuple[Flags, dict[str, Index]]:
    """Return which mini-epochs are left, and how many were left out for each reason."""
    whole = events.of_kind(["artifact"])
    whole_s = whole.intervals()[whole.site == Site.WHOLE_BODY.value]
    reasons = {
        "excluded_signal_n": ~minis.within(chin.seen),
        "excluded_artifact_n": minis.touch(_marks(whole_s)),
        "excluded_arousal_n": minis.touch(_marks(events.of_kind(["arousal"]).intervals())),
        "excluded_respiratory_n": minis.touch(
            _marks(events.of_kind(RESPIRATORY_KINDS).intervals())
        ),
    }
    not_scored = {
        "excluded_arousal_n": (["arousal"], translatable("no arousals were scored")),
        "excluded_respiratory_n": (
            RESPIRATORY_KINDS,
            translatable("no respiratory events were scored"),
        ),
    }
    left = np.ones(len(minis.starts_s), dtype=np.bool_)
    indices = {}
    for name, out in reasons.items():
        kinds, why = not_scored.get(name, ((), ""))
        known = not why or len(events.of_kind(kinds)) > 0
        n = int((left & out).sum()) if known else None
        indices[name] = Index.plain(name, n, otherwise=why)
        left &= ~out
    return left, indices


def _marks(spans_s: Intervals) -> Intervals:
    """Return marks as disjoint spans; one without a duration is a point in its mini-epoch."""
    ends_s = np.maximum(spans_s[:, 1], spans_s[:, 0] + _LEAST_MARK_S)
    return union(np.column_stack((spans_s[:, 0], ends_s)))


def _tonic(
    raised_s: Floats, minis: MiniEpochs, left: Flags, rule: AtoniaRule
) -> tuple[Flags, Flags]:
    """Return which epochs are tonic, and which have enough mini-epochs left."""
    left_s = minis.per_epoch(left) * minis.length_s
    enough = left_s >= _HALF * rule.epoch_s - SLACK_S
    epoch_s = minis.per_epoch(np.where(left, raised_s, 0.0))
    return enough & (epoch_s > rule.tonic_share * left_s + SLACK_S), enough


def _above_nrem(
    chin: MuscleActivity, minis: MiniEpochs, left: Flags, rule: AtoniaRule
) -> dict[str, Index]:
    """Return the share of the epochs that are mostly above the lowest of NREM sleep."""
    if not chin.nrem_uv > 0:
        why = translatable("no usable NREM sleep to compare with")
        return {_ABOVE_NREM: Index.missing(_ABOVE_NREM, why)}
    raised = _tonic(minis.covered_s(chin.above_nrem), minis, left, rule)
    return {_ABOVE_NREM: _percent(_ABOVE_NREM, *raised)}


def _mostly(shown: Flags, minis: MiniEpochs, left: Flags) -> Flags:
    """Return which epochs show activity in at least half of the mini-epochs that are left."""
    left_n = minis.per_epoch(left)
    return np.asarray((left_n > 0) & (minis.per_epoch(shown & left) >= _HALF * left_n))


def _with_arms(
    found: RemActivity, chin: _Shown, minis: MiniEpochs, left: Flags, rule: AtoniaRule
) -> dict[str, Index]:
    """Return the shares of which the arms are part."""
    if not found.arms:
        return all_missing(_WITH_ARMS, found.arms_reason)
    for arm in found.arms:
        left = left & minis.within(arm.seen)
    shown = [_Shown.of(arm, minis, rule) for arm in found.arms]
    phasic = np.any([one.phasic for one in shown], axis=0)
    tonic, enough = _tonic(chin.sustained_s, minis, left, rule)
    counts: Mapping[str, tuple[Flags, Flags]] = {
        "arm_phasic_pct": (phasic & left, left),
        "chin_or_arm_pct": ((chin.any | phasic) & left, left),
        "chin_or_arm_epochs_pct": (tonic | _mostly(chin.any | phasic, minis, left), enough),
    }
    return {name: _percent(name, *pair) for name, pair in counts.items()}


def _percent(name: str, shown: Flags, of: Flags) -> Index:
    """Return the share; ``of`` are epochs for an index in ``_OF_EPOCHS``, else mini-epochs."""
    n, all_n = int((shown & of).sum()), int(of.sum())
    value = 100.0 * n / all_n if all_n else None
    why = (
        translatable("half of the mini-epochs are left in no epoch of REM sleep")
        if name in _OF_EPOCHS
        else translatable("no mini-epoch of REM sleep is left")
    )
    return Index.plain(name, value, otherwise=why, numerator=n if all_n else None)
