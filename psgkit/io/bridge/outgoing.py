"""Recordings and movements for MNE-Python."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.recording import Channel, Recording
from psgkit.extras import require
from psgkit.io.edf.movement_marks import movement_marks
from psgkit.io.edf.write import Annotation

if TYPE_CHECKING:
    import mne

GAP = "BAD_ACQ_SKIP"
"""What MNE itself calls time that was not recorded; its filters stop at it by default."""
_V_PER_UV = 1e-6
_TYPES = {
    "leg": "emg",
    "arm": "emg",
    "trunk": "emg",
    "chin": "emg",
    "emg": "emg",
    "eeg": "eeg",
    "eog": "eog",
    "ecg": "ecg",
}


def to_mne(
    recording: Recording, labels: Sequence[str] | None = None
) -> "dict[float, mne.io.RawArray]":
    """Return the channels as MNE ``Raw`` objects, one for each sampling rate, by rate in Hz.

    MNE keeps one rate for all channels of a ``Raw``, and nothing is resampled here.  Voltages are
    in volts, of the type that their role gives (``emg``, ``eeg``, ``eog``, ``ecg``, else ``bio``);
    everything else is ``misc`` with the numbers it has, since MNE knows no g and no percent.  The
    start becomes ``meas_date``; MNE calls local time UTC.  All samples are loaded, as float64.

    Time between segments is filled with zeros and annotated ``BAD_ACQ_SKIP``: MNE cannot hold
    missing samples, its filters stop at such a stretch and its analyses leave it out.  A segment
    begins at the sample nearest to its time.  Annotations that begin outside the recording, which
    MNE cannot hold, are left out, and one that lasts beyond the end is cut there.

    Parameters
    ----------
    recording : Recording
    labels : sequence of str, optional
        Channels to convert; without it all that could be read.

    Raises
    ------
    KeyError
        If there is no such channel.
    ValueError
        If a channel was asked for whose numbers in the file mean nothing.
    MissingExtraError
        If MNE is not installed.

    Examples
    --------
    >>> from psgkit.core.recording import Segment
    >>> leg = Channel(label="LAT", unit="uV", role="leg", rate_hz=200.0, samples=np.ones(400))
    >>> night = Recording(source="", start=None, channels=(leg,),
    ...                   segments=(Segment(start_s=0.0, duration_s=2.0),))
    >>> raw = to_mne(night)[200.0]
    >>> raw.get_channel_types(), float(raw.get_data()[0, 0])
    (['emg'], 1e-06)
    """
    require("mne")
    by_rate: dict[float, list[Channel]] = {}
    for channel in _chosen(recording, labels):
        by_rate.setdefault(channel.rate_hz, []).append(channel)
    return {rate_hz: _raw_of(recording, channels, rate_hz) for rate_hz, channels in by_rate.items()}


def movements_to_mne(
    movements: Movements | ScoredMovements, start: datetime | None = None
) -> "mne.Annotations":
    """Return movements as annotations such as ``Limb movement@@EMG LAT``, for ``set_annotations``.

    A movement of both legs is two annotations, one a side.

    Parameters
    ----------
    movements : Movements or ScoredMovements
    start : datetime, optional
        ``Recording.start``, if the ``Raw`` has a date.

    Examples
    --------
    >>> moved = Movements.of([10.0], [12.5], "left_leg")
    >>> movements_to_mne(moved).description.tolist()
    ['Limb movement@@left leg']
    """
    return annotations_of(movement_marks(movements), start)


def _chosen(recording: Recording, labels: Sequence[str] | None) -> list[Channel]:
    """Return the channels to convert."""
    if labels is None:
        return [channel for channel in recording.channels if channel.status != "refused"]
    chosen = [recording.channel(label) for label in labels]
    for channel in chosen:
        if channel.status == "refused":
            raise ValueError(f"{channel.label}: {channel.reason}")
    return chosen


def _raw_of(recording: Recording, channels: Sequence[Channel], rate_hz: float) -> "mne.io.RawArray":
    import mne

    info = mne.create_info([c.label for c in channels], rate_hz, [_type_of(c) for c in channels])
    data = np.vstack([_samples(recording, channel) for channel in channels])
    raw = mne.io.RawArray(data, info, verbose="error")
    start = _in_utc(recording.start)
    raw.set_meas_date(start)
    end_s = raw.n_times / rate_hz
    raw.set_annotations(annotations_of(_within(_marks(recording), end_s), recording.start))
    return raw


def _type_of(channel: Channel) -> str:
    return _TYPES.get(channel.role, "bio") if channel.unit == "uV" else "misc"


def _samples(recording: Recording, channel: Channel) -> NDArray[np.float64]:
    """Return all samples of a channel on one time axis, gaps filled with zeros."""
    factor = _V_PER_UV if channel.unit == "uV" else 1.0
    filled = np.zeros(round(recording.duration_s * channel.rate_hz))
    done = 0
    for stretch in recording.signals(channel):
        # a gap of less than half a sample is none
        first = max(done, round(stretch.start_s * channel.rate_hz))
        done = min(first + len(stretch.samples), len(filled))
        filled[first:done] = stretch.samples[: done - first]
    return filled * factor


def _marks(recording: Recording) -> Iterable[Annotation]:
    written = recording.annotations
    yield from zip(written.onset_s, written.duration_s, written.text, strict=True)
    end_s = 0.0
    for segment in recording.segments:
        if segment.start_s > end_s:
            yield end_s, segment.start_s - end_s, GAP
        end_s = segment.end_s


def _within(marks: Iterable[Annotation], end_s: float) -> list[Annotation]:
    """Return the marks that begin in the recording, cut at its end."""
    return [
        (onset_s, min(duration_s, end_s - onset_s), text)
        for onset_s, duration_s, text in marks
        if 0 <= onset_s < end_s
    ]


def annotations_of(marks: Sequence[Annotation], start: datetime | None) -> "mne.Annotations":
    """Return marks as MNE annotations."""
    require("mne")
    import mne

    onset_s, duration_s, text = zip(*marks, strict=True) if marks else ((), (), ())
    return mne.Annotations(list(onset_s), list(duration_s), list(text), orig_time=_in_utc(start))


def _in_utc(start: datetime | None) -> datetime | None:
    """Return local time as MNE states it."""
    return None if start is None else start.replace(tzinfo=UTC)
