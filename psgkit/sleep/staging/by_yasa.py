"""Stages by YASA (Vallat and Walker 2021, eLife 10:e70092), whose wheel has the classifiers.

YASA gets the signals unfiltered, in volts, and resamples them to 100 Hz itself; channels of several
rates are brought to 100 Hz here by the same function, one by one, which gives the same numbers.
"""

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.message import translatable
from psgkit.core.recording import Channel, Recording
from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import PROBABLE_STAGES, StageEstimate
from psgkit.errors import SettingsError
from psgkit.sleep.staging.channels import Derivation, staging_channels

if TYPE_CHECKING:
    import mne

_NAME = "YASA"
EPOCH_S = 30.0
_RATE_HZ = 100.0
_ABOVE_HZ = 80.0
"""YASA refuses lower rates."""
_V_PER_UV = 1e-6
_MNE_TYPES = {"eeg": "eeg", "eog": "eog", "chin": "emg"}
_STAGES = {"WAKE": "W", "W": "W", "N1": "N1", "N2": "N2", "N3": "N3", "REM": "R", "R": "R"}
_TOO_OLD = 120.0
"""Years; YASA refuses 0 and this."""


class Yasa:
    """Staging by YASA."""

    def version(self) -> str:
        """Return the version of YASA.

        Raises
        ------
        SettingsError
            If it is not installed.
        """
        try:
            import yasa
        except ImportError as error:
            raise SettingsError(
                "staging method 'yasa'",
                f"no module {error.name!r}",
                "the extra [staging]",
                "Type: pip install 'psgkit[staging]'",
            ) from None
        return str(yasa.__version__)

    def estimate(self, recording: Recording, sleeper: Sleeper) -> StageEstimate | str:
        """Return the stages of a recording by YASA, or why there can be none."""
        chosen = staging_channels(recording, _ABOVE_HZ)
        if chosen.eeg is None:
            return translatable(f"stages were not estimated: {chosen.missing['eeg']}")
        if recording.duration_s < EPOCH_S:
            return translatable(
                f"stages were not estimated: the recording lasts {recording.duration_s:g} s, "
                "less than an epoch"
            )
        derivations = chosen.chosen()
        raw = _raw(recording, derivations)
        used = _usable(sleeper)
        stages, probability = _predicted(raw, derivations, used)
        lost = _without_signal(recording, chosen.eeg)[: len(stages)]
        stages[lost], probability[lost] = UNSCORED, np.nan
        return StageEstimate(
            method=_NAME,
            version=self.version(),
            hypnogram=replace(
                Hypnogram.of(stages, EPOCH_S), estimated_by=f"{_NAME} {self.version()}"
            ),
            probability=probability,
            channels={role: one.label for role, one in derivations.items()},
            missing={role: why for role, why in chosen.missing.items() if role != "eeg"},
            sleeper=used,
        )


def _usable(sleeper: Sleeper) -> Sleeper:
    """Return age and sex if both are known to the classifiers, which need both or none."""
    age = sleeper.age_years
    if age is None or not 0 < age < _TOO_OLD or sleeper.sex not in ("male", "female"):
        return Sleeper()
    return sleeper


def _predicted(
    raw: "mne.io.BaseRaw", derivations: dict[str, Derivation], sleeper: Sleeper
) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Return stages and probabilities by YASA."""
    import yasa

    person = None
    if sleeper.age_years is not None:
        person = {"age": sleeper.age_years, "male": sleeper.sex == "male"}
    staging = yasa.SleepStaging(
        raw,
        eeg_name="eeg",
        eog_name="eog" if "eog" in derivations else None,
        emg_name="chin" if "chin" in derivations else None,
        metadata=person,
    )
    # a table of probabilities, which all versions of YASA from 0.8 give with the stages
    with warnings.catch_warnings():
        # its pickled encoder of labels is older than any scikit-learn of today, and unchanged
        warnings.filterwarnings("ignore", message="Trying to unpickle estimator LabelEncoder")
        found = staging.predict()
    table = found.proba.rename(columns=_STAGES)[list(PROBABLE_STAGES)]
    stages = np.array([_STAGES[str(one)] for one in found.hypno], dtype=f"<U{len(UNSCORED)}")
    return stages, np.array(table, dtype=np.float64)


def _raw(recording: Recording, derivations: dict[str, Derivation]) -> "mne.io.BaseRaw":
    """Return the derivations as one ``Raw`` with channels ``eeg``, ``eog``, ``chin``."""
    import mne

    raws = []
    for role, one in derivations.items():
        info = mne.create_info([role], one.channel.rate_hz, [_MNE_TYPES[role]])
        volts = _signal_uv(recording, one)[None, :] * _V_PER_UV
        raws.append(mne.io.RawArray(volts, info, verbose="error"))
    if len({one.channel.rate_hz for one in derivations.values()}) > 1:
        for raw in raws:
            raw.resample(_RATE_HZ, npad="auto", verbose="error")
    n = min(raw.n_times for raw in raws)
    rows = np.vstack([raw.get_data()[:, :n] for raw in raws])
    types = [_MNE_TYPES[role] for role in derivations]
    info = mne.create_info(list(derivations), raws[0].info["sfreq"], types)
    return mne.io.RawArray(rows, info, verbose="error")


def _signal_uv(recording: Recording, one: Derivation) -> NDArray[np.float64]:
    """Return a derivation on one time axis; gaps are zero."""
    samples = _filled_uv(recording, one.channel)
    return samples if one.minus is None else samples - _filled_uv(recording, one.minus)


def _filled_uv(recording: Recording, channel: Channel) -> NDArray[np.float64]:
    filled = np.zeros(round(recording.duration_s * channel.rate_hz))
    for stretch in recording.signals(channel):
        first = round(stretch.start_s * channel.rate_hz)
        part = np.asarray(stretch.samples[:], dtype=np.float64)[: len(filled) - first]
        filled[first : first + len(part)] = np.nan_to_num(part)
    return filled


def _without_signal(recording: Recording, eeg: Derivation) -> NDArray[np.bool_]:
    """Return which epochs have a gap in the recording, or a flat EEG."""
    per_epoch = round(EPOCH_S * eeg.channel.rate_hz)
    samples = _signal_uv(recording, eeg)
    n = len(samples) // per_epoch
    lost = np.ptp(samples[: n * per_epoch].reshape(n, per_epoch), axis=1) == 0
    starts_s = np.arange(n) * EPOCH_S
    recorded_s = np.zeros(n)
    for segment in recording.segments:
        begins = np.maximum(starts_s, segment.start_s)
        ends = np.minimum(starts_s + EPOCH_S, segment.end_s)
        recorded_s += np.clip(ends - begins, 0, None)
    return np.asarray(lost | (recorded_s < EPOCH_S - 1e-6), dtype=bool)
