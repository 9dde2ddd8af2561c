"""How well movements of the legs are found where recordings are bad: a table of conditions.

    python scripts/benchmark_detection.py [--quick] [--seeds 1 2] [--conditions plain mix] [--out T]

Each night has two legs of simulated motor units and a truth that follows from the plan alone: the
profile of the movement above rest rises through 8 uV and falls through 2 uV.  Then a condition
disturbs the night.  F1, precision and recall pair onsets within 0.5 s; "false" counts movements
away from any true one, per hour and leg.  ``--quick`` is half an hour of one seed.  Beside psgkit
stands psgscoring where it is installed (``pip install psgscoring``).  All of it is simulated.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit import compare_events
from psgkit.core.events import Events
from psgkit.core.recording import Signal
from psgkit.core.site import Site
from psgkit.detect.emg.detect import EmgDetection, detect_emg
from psgkit.io.new_files import new_file
from psgkit.simulate.plan.activation import Activation
from psgkit.simulate.signals.muscle import muscle_emg

RATE_HZ = 256.0
FIRST_S = 20.0
LOW_RATES_HZ = {"rate100": 100.0, "rate128": 128.0, "rate200": 200.0}
LEGS = (Site.LEFT_LEG, Site.RIGHT_LEG)
LIMITS_UV = (-3276.8, 3276.7)
CLIP_UV = 100.0
REST_UV = 2.0
WANDER_STEP_S, WANDER = 1.5, 0.15
"""Rest is not steady: its logarithm scatters by this much from second to second."""
RMS_OF_MEAN = float(np.sqrt(np.pi / 2.0))
NEAR_S = 0.5
COLUMNS = ("condition", "seed", "detector", "f1", "precision", "recall", "false_per_h")

Samples = NDArray[np.float32]
Level = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One leg: samples at a rate, the limits of its recorder, and its true movements."""

    samples: Samples
    rate_hz: float
    limits: tuple[float, float]
    truth_s: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What is done to a night.

    ``rest_uv`` is the rectified mean of rest (several: one after the other); ``amplitude_uv``
    holds the least and the most of the movements; ``disturb`` are added to the samples in order.
    """

    rest_uv: tuple[float, ...] = (REST_UV / RMS_OF_MEAN,)
    amplitude_uv: tuple[float, float] = (25.0, 120.0)
    bursts_n: int = 1
    rate_hz: float = RATE_HZ
    disturb: tuple["Disturb", ...] = ()


Disturb = Callable[[np.random.Generator, Samples, float], list[tuple[float, float]]]
"""Changes samples in place and returns the spans in which no movement can be seen."""


def spans(
    rng: np.random.Generator, seconds: float, every_s: float, length_s: tuple[float, float]
) -> Iterator[tuple[float, float]]:
    """Yield spans about ``every_s`` apart."""
    at_s = float(rng.uniform(10.0, every_s))
    while at_s + length_s[1] < seconds - 10.0:
        long_s = float(rng.uniform(*length_s))
        yield at_s, at_s + long_s
        at_s += long_s + float(rng.exponential(every_s))


def sway(rng: np.random.Generator, samples: Samples, rate_hz: float) -> list[tuple[float, float]]:
    """Add a cable that swings at 1 to 5 Hz, up to 400 uV."""
    for from_s, to_s in spans(rng, len(samples) / rate_hz, 60.0, (2.0, 10.0)):
        part = samples[int(from_s * rate_hz) : int(to_s * rate_hz)]
        times_s = np.arange(len(part)) / rate_hz
        wave = np.sin(2.0 * np.pi * rng.uniform(1.0, 5.0) * times_s)
        part += (rng.uniform(50.0, 400.0) * wave * np.hanning(len(part))).astype(np.float32)
    return []


def pops(rng: np.random.Generator, samples: Samples, rate_hz: float) -> list[tuple[float, float]]:
    """Add steps of an electrode that decay within a second."""
    for from_s, to_s in spans(rng, len(samples) / rate_hz, 40.0, (2.0, 3.0)):
        part = samples[int(from_s * rate_hz) : int(to_s * rate_hz)]
        height_uv = rng.choice([-1.0, 1.0]) * rng.uniform(100.0, 1000.0)
        decay_s = rng.uniform(0.1, 0.4)
        part += (height_uv * np.exp(-np.arange(len(part)) / rate_hz / decay_s)).astype(np.float32)
    return []


def disc(rng: np.random.Generator, samples: Samples, rate_hz: float) -> list[tuple[float, float]]:
    """Replace the muscle by hum and drift while an electrode is off."""
    off_s = list(spans(rng, len(samples) / rate_hz, 600.0, (20.0, 120.0)))
    for from_s, to_s in off_s:
        part = samples[int(from_s * rate_hz) : int(to_s * rate_hz)]
        times_s = np.arange(len(part)) / rate_hz
        hum = np.sin(2.0 * np.pi * 50.0 * times_s) + 0.3 * np.sin(2.0 * np.pi * 150.0 * times_s)
        drift = np.cumsum(rng.standard_normal(len(part))) / np.sqrt(rate_hz)
        part[:] = rng.uniform(30.0, 200.0) * hum + 5.0 * drift
    return off_s


def hum_of(mains_hz: float) -> Disturb:
    """Return a hum with harmonics that is switched on and off, near ``mains_hz``."""

    def hum(
        rng: np.random.Generator, samples: Samples, rate_hz: float
    ) -> list[tuple[float, float]]:
        for from_s, to_s in spans(rng, len(samples) / rate_hz, 120.0, (30.0, 300.0)):
            part = samples[int(from_s * rate_hz) : int(to_s * rate_hz)]
            turn = 2.0 * np.pi * rng.uniform(mains_hz - 0.1, mains_hz + 0.1) / rate_hz
            phase = turn * np.arange(len(part))
            for number, share in ((1, 1.0), (2, 0.3), (3, 0.2)):
                if number * mains_hz < 0.45 * rate_hz:
                    wave = share * rng.uniform(5.0, 40.0) * np.sin(number * phase)
                    part += wave.astype(np.float32)
        return []

    return hum


def low_pass_of(cut_hz: float) -> Disturb:
    """Return the low-pass filter of a recorder, order 2."""

    def low_pass(
        _rng: np.random.Generator, samples: Samples, rate_hz: float
    ) -> list[tuple[float, float]]:
        from scipy.signal import butter, sosfilt

        samples[:] = sosfilt(butter(2, cut_hz, fs=rate_hz, output="sos"), samples)
        return []

    return low_pass


def clip(_rng: np.random.Generator, samples: Samples, _rate_hz: float) -> list[tuple[float, float]]:
    """Limit the samples to what a small amplifier passes."""
    np.clip(samples, -CLIP_UV, CLIP_UV, out=samples)
    return []


LOUD_STEPS_UV = (1.2, 7.0, 2.0, 10.0, 4.0)
CONDITIONS = {
    "plain": Condition(),
    "rest6": Condition(rest_uv=(6.0,)),
    "rest10": Condition(rest_uv=(10.0,), amplitude_uv=(40.0, 120.0)),
    "restdrop": Condition(rest_uv=LOUD_STEPS_UV, amplitude_uv=(40.0, 120.0)),
    "sway": Condition(disturb=(sway,)),
    "pops": Condition(disturb=(pops,)),
    "disc": Condition(disturb=(disc,)),
    "hum": Condition(disturb=(hum_of(50.0),)),
    "hum60": Condition(disturb=(hum_of(60.0),)),
    "clonic": Condition(bursts_n=6),
    **{name: Condition(rate_hz=rate_hz) for name, rate_hz in LOW_RATES_HZ.items()},
    "lp35": Condition(disturb=(low_pass_of(35.0),)),
    "lp70": Condition(disturb=(low_pass_of(70.0),)),
    "clip": Condition(disturb=(clip,)),
    "faint": Condition(amplitude_uv=(10.0, 14.0)),
    "mix": Condition(
        rest_uv=LOUD_STEPS_UV,
        amplitude_uv=(40.0, 120.0),
        bursts_n=3,
        disturb=(hum_of(50.0), sway, pops, disc),
    ),
}


def movements_of(
    rng: np.random.Generator, site: Site, condition: Condition, seconds: float
) -> tuple[list[Activation], NDArray[np.float64]]:
    """Return the bursts of one leg, and the movements that they make."""
    bursts: list[Activation] = []
    truth_s = []
    at_s = FIRST_S
    while at_s < seconds - FIRST_S:
        n = int(rng.integers(1, condition.bursts_n + 1))
        at_s = round(at_s + 3.0 + float(rng.exponential(20.0)), 3)
        amplitude_uv = float(rng.uniform(*condition.amplitude_uv))
        start_s = at_s
        for _ in range(n):
            length_s = 0.15 if n > 1 else float(np.clip(2.0 * rng.lognormal(0.0, 0.5), 0.7, 8.0))
            end_s = round(at_s + length_s, 3)
            bursts.append(
                Activation(
                    onset_s=at_s,
                    end_s=end_s,
                    site=site,
                    kind="plm",
                    amplitude_uv=amplitude_uv,
                    tail=0.8,
                    rise_s=0.04,
                    fall_s=0.04,
                )
            )
            at_s = round(end_s + float(rng.uniform(0.1, 0.25)), 3)
        if n == 1 or end_s - start_s >= 0.5:  # noqa: PLR2004 - shorter ones are left out
            truth_s.append((start_s, end_s))
        else:
            del bursts[-n:]
    return bursts, np.array(truth_s).reshape(-1, 2)


def made_leg(name: str, seed: int, leg: int, seconds: float) -> Made:
    """Return one leg of a night; the same movements at every rate."""
    condition = CONDITIONS[name]
    plan_rng, muscle_rng, other_rng = np.random.default_rng([seed, leg]).spawn(3)
    bursts, truth_s = movements_of(plan_rng, LEGS[leg], condition, seconds)
    steps_uv = RMS_OF_MEAN * np.array(condition.rest_uv)
    turns_s = np.linspace(0.0, seconds, len(steps_uv) + 1)[1:-1]

    knots_s = np.arange(0.0, seconds + WANDER_STEP_S, WANDER_STEP_S)
    wander = np.exp(WANDER * other_rng.standard_normal(len(knots_s)).clip(-2.0, 2.0))

    def level_uv(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        steady_uv = steps_uv[np.searchsorted(turns_s, times_s)]
        return np.asarray(steady_uv * np.interp(times_s, knots_s, wander))

    rate_hz = condition.rate_hz
    samples = muscle_emg(muscle_rng, rate_hz, level_uv, turns_s, bursts, seconds)
    for disturb in condition.disturb:
        lost_s = np.array(disturb(other_rng, samples, rate_hz)).reshape(-1, 2)
        hidden = (truth_s[:, :1] < lost_s[:, 1] + NEAR_S) & (truth_s[:, 1:] > lost_s[:, 0] - NEAR_S)
        truth_s = truth_s[~hidden.any(axis=1)]
    limits = (-CLIP_UV, CLIP_UV) if clip in condition.disturb else LIMITS_UV
    np.clip(samples, *limits, out=samples)
    return Made(samples=samples, rate_hz=rate_hz, limits=limits, truth_s=truth_s)


def found_by_psgkit(leg: Made) -> NDArray[np.float64]:
    """Return the movements, shape (n, 2), in s."""
    signal = Signal(samples=leg.samples, rate_hz=leg.rate_hz, unit="uV", limits=leg.limits)
    return detect_emg(signal, EmgDetection()).movements.intervals()


def events_of(spans_s: NDArray[np.float64]) -> Events:
    """Return spans as events."""
    n = len(spans_s)
    return Events.of(spans_s[:, 0], spans_s[:, 1], ["lm"] * n, [""] * n)


def scored(name: str, seed: int, seconds: float) -> list[dict[str, str | int | float]]:
    """Return one row a detector: a night of both legs."""
    legs = [made_leg(name, seed, leg, seconds) for leg in range(len(LEGS))]
    rows: list[dict[str, str | int | float]] = []
    for detector, find in DETECTORS.items():
        matched = true_n = found_n = false_n = 0
        for leg in legs:
            found_s = find(leg)
            agreement = compare_events(events_of(leg.truth_s), events_of(found_s))
            matched += agreement.n_matched
            true_n += len(leg.truth_s)
            found_n += len(found_s)
            near = (found_s[:, :1] < leg.truth_s[:, 1] + NEAR_S) & (
                found_s[:, 1:] > leg.truth_s[:, 0] - NEAR_S
            )
            false_n += int(np.count_nonzero(~near.any(axis=1)))
        hours = len(legs) * seconds / 3600.0
        values = (
            2.0 * matched / max(1, true_n + found_n),
            matched / max(1, found_n),
            matched / max(1, true_n),
            false_n / hours,
        )
        row = (name, seed, detector, *(round(one, 4) for one in values))
        rows.append(dict(zip(COLUMNS, row, strict=True)))
    return rows


def found_by_psgscoring(leg: Made) -> NDArray[np.float64]:
    """Return the movements as psgscoring finds them in one leg, shape (n, 2), in s."""
    from psgscoring.plm import analyze_plm  # type: ignore[import-not-found]

    asleep = ["N2"] * (len(leg.samples) // round(30.0 * leg.rate_hz) + 1)
    result = analyze_plm(
        leg.samples, None, leg.rate_hz, asleep, leg_unit="uV", event_list_cap=10**9
    )
    rows = [(one["onset_s"], one["onset_s"] + one["duration_s"]) for one in result["events"]]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


DETECTORS: dict[str, Callable[[Made], NDArray[np.float64]]] = {"psgkit": found_by_psgkit}
if find_spec("psgscoring") is not None:
    DETECTORS["psgscoring"] = found_by_psgscoring


def line(row: dict[str, str | int | float]) -> str:
    """Return one row of the printed table."""
    numbers = "".join(f"{row[name]:>11.3f}" for name in COLUMNS[3:])
    return f"{row['condition']:10}{row['seed']:>5}  {row['detector']:12}{numbers}"


def main(given: Sequence[str] | None = None) -> None:
    """Make the nights, detect, print."""
    parser = argparse.ArgumentParser(description="Detection on bad recordings, simulated.")
    parser.add_argument("--quick", action="store_true", help="half an hour of one seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument(
        "--conditions", nargs="+", default=list(CONDITIONS), choices=list(CONDITIONS)
    )
    parser.add_argument("--out", type=Path, help="write the table to this CSV file, too")
    options = parser.parse_args(given)
    hours, seeds = (0.5, options.seeds[:1]) if options.quick else (options.hours, options.seeds)
    head = "".join(f"{name:>11}" for name in ("F1", "precision", "recall", "false/h"))
    print(f"{'condition':10}{'seed':>5}  {'detector':12}{head}")
    rows = []
    for name in options.conditions:
        for seed in seeds:
            for row in scored(name, seed, 3600.0 * hours):
                rows.append(row)
                print(line(row))
                sys.stdout.flush()
    if options.out is not None:
        with new_file(options.out) as part, part.open("x", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


if __name__ == "__main__":
    main()
