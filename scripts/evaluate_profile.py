"""Where the recording alone points on simulated nights: a sanity check, no validation.

    python scripts/evaluate_profile.py [--nights 200] [--hours 1.5 3] [--jobs 1] [--seed 0] [--full]

Nights and rule have the same authors, so a good table shows that the two fit each other, and
nothing about patients.  Each night is of one of five kinds, of random length,
severity and sensors; one in four sleepers is sedated.  Severity multiplies the rates of what makes
the kind restless.  Half of the nights have all channels, a quarter only the legs, the others
miss some sensors; ``--full`` gives all of them all channels.  All numbers are psgkit's own choice.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from psgkit.night.walk import analyse_night
from psgkit.profile.evidence.items import CONDITIONS
from psgkit.simulate.body_night import simulate_body_night
from psgkit.simulate.plan.body_kinds import BODY_KINDS, BodyKind
from psgkit.simulate.plan.options import SENSORS, SimulationOptions

LABEL = "a sanity check on simulation, not a validation"
KINDS = tuple(BODY_KINDS)
UNDETERMINED = "nothing"
SEVERAL = "several"
EPOCHS_PER_H = 120
SEVERITY = (0.5, 1.6)
SEDATED_SHARE = 0.25
SEDATED_RATE = 0.6
FULL_SHARE, LEGS_SHARE = 0.5, 0.25
KEPT_SHARE = 0.6
MOST_WRONG, LEAST_POINTING, LEAST_LEGS_OPEN = 0.02, 0.6, 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One simulated night."""

    number: int
    kind: str
    hours: float
    severity: float
    sedated: bool
    sensors: str

    @property
    def channels(self) -> str:
        """Return how much is recorded: ``full``, ``legs`` or ``some``."""
        return self.sensors if self.sensors in ("full", "legs") else "some"


def scenarios(n: int, hours: Sequence[float], seed: int, *, full: bool) -> Iterator[Scenario]:
    """Yield ``n`` nights, the kinds in turn."""
    for number in range(n):
        rng = np.random.default_rng([seed, number])
        yield Scenario(
            number=number,
            kind=KINDS[number % len(KINDS)],
            hours=float(rng.uniform(*hours)),
            severity=float(rng.uniform(*SEVERITY)),
            sedated=bool(rng.random() < SEDATED_SHARE),
            sensors="full" if full else random_sensors(rng),
        )


def random_sensors(rng: np.random.Generator) -> str:
    """Return everything, the legs, or the legs and some others."""
    drawn = rng.random()
    if drawn < FULL_SHARE:
        return "full"
    others = [part for part in SENSORS if part != "legs" and rng.random() < KEPT_SHARE]
    if drawn < FULL_SHARE + LEGS_SHARE or not others:
        return "legs"
    return "+".join(["legs", *others])


def kind_of(scenario: Scenario) -> BodyKind:
    """Return the kind of a night, as severe and as sedated as wanted."""
    kind = BODY_KINDS[scenario.kind]
    rate = scenario.severity * (SEDATED_RATE if scenario.sedated else 1.0)
    restless = scenario.kind != "healthy"

    def processes(given: Iterable) -> tuple:  # type: ignore[type-arg]
        return tuple(
            replace(one, per_h=one.per_h * rate) if restless and one.kind == "plm" else one
            for one in given
        )

    trains = tuple(
        replace(one, per_h={state: n * rate for state, n in one.per_h.items()})
        if one.kind == "rhythm"
        else one
        for one in kind.trains
    )
    sleep, course = kind.night.sleep, kind.course
    if scenario.sedated:
        latency = sleep.latency_min
        sleep = replace(
            sleep,
            latency_min=replace(latency, median=max(latency.low, 0.5 * latency.median)),
            wake_bouts_per_h=0.5 * sleep.wake_bouts_per_h,
            spontaneous_arousals_per_h=SEDATED_RATE * sleep.spontaneous_arousals_per_h,
        )
        course = replace(course, get_ups_per_h=0.5 * course.get_ups_per_h)
    night = replace(kind.night, sleep=sleep, processes=processes(kind.night.processes))
    return replace(
        kind, night=night, course=course, trains=trains, sometimes=processes(kind.sometimes)
    )


def lean(scenario: Scenario) -> tuple[Scenario, str]:
    """Return the night and the one condition to which its recording alone points."""
    options = SimulationOptions(sensors=scenario.sensors)
    n_epochs = round(EPOCHS_PER_H * scenario.hours)
    night = simulate_body_night(kind_of(scenario), n_epochs, scenario.number, options)
    report = analyse_night(night.recording, night.hypnogram, night.events)
    found = report.profile.questions["recording"]
    return scenario, UNDETERMINED if not found else str(found[0]) if len(found) == 1 else SEVERAL


def contradicts(kind: str, toward: str) -> bool:
    """Return whether a recording points to another condition than the simulated one."""
    return toward not in (UNDETERMINED, SEVERAL, kind)


def results(chosen: Sequence[Scenario], jobs: int) -> Iterator[tuple[Scenario, str]]:
    """Yield the outcome of every night, with progress on the error output."""
    begun = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        for done, found in enumerate(pool.map(lean, chosen), start=1):
            left_min = (time.monotonic() - begun) / done * (len(chosen) - done) / 60
            said = f"\rnight {done} of {len(chosen)}, about {left_min:.0f} min left   "
            sys.stderr.write(said)
            sys.stderr.flush()
            yield found
    sys.stderr.write("\n")


def table(found: Sequence[tuple[Scenario, str]]) -> str:
    """Return how many nights of each kind lean toward what, by what was recorded."""
    columns = (*CONDITIONS, SEVERAL, UNDETERMINED)
    lines = [f"Where the recording alone points on {len(found)} simulated nights: {LABEL}", ""]
    head = f"{'channels':9}{'kind':11}" + "".join(f"{name:>14}" for name in columns)
    lines += [head, "-" * len(head)]
    counted = Counter((night.channels, night.kind, toward) for night, toward in found)
    for channels in ("full", "some", "legs"):
        for kind in KINDS:
            row = [counted[channels, kind, name] for name in columns]
            if sum(row):
                lines.append(f"{channels:9}{kind:11}" + "".join(f"{n or '.':>14}" for n in row))
    return "\n".join([*lines, "", *_summary(found)])


def _summary(found: Sequence[tuple[Scenario, str]]) -> list[str]:
    def share(nights: Sequence[tuple[Scenario, str]], wanted: Sequence[bool]) -> tuple[float, str]:
        if not nights:
            return float("nan"), "none simulated"
        part = sum(wanted) / len(nights)
        return part, f"{sum(wanted)} of {len(nights)} ({100 * part:.1f} %)"

    full = [one for one in found if one[0].channels == "full"]
    legs = [one for one in found if one[0].channels == "legs"]
    wrong, wrong_said = share(found, [contradicts(night.kind, toward) for night, toward in found])
    leant, leant_said = share(full, [toward != UNDETERMINED for _, toward in full])
    restless = [one for one in full if one[0].kind != "healthy"]
    _, restless_said = share(restless, [toward != UNDETERMINED for _, toward in restless])
    still, still_said = share(legs, [toward == UNDETERMINED for _, toward in legs])

    def judged(good: bool) -> str:  # noqa: FBT001 - reads like a word
        return "reached" if good else "missed"

    return [
        f"Points to another kind:               {wrong_said}; at most {100 * MOST_WRONG:g} % "
        f"wanted, {judged(wrong <= MOST_WRONG)}",
        f"Points somewhere, all channels:       {leant_said}; at least {100 * LEAST_POINTING:g} % "
        f"wanted, {judged(leant >= LEAST_POINTING) if full else 'not judged'}",
        f"  of them not healthy:                {restless_said}",
        f"Nothing with leg channels only:       {still_said}; most wanted, "
        f"{judged(still > LEAST_LEGS_OPEN) if legs else 'not judged'}",
        *(
            f"Contradiction: night {night.number}, {night.kind}, {night.hours:.1f} h, severity "
            f"{night.severity:.2f}, {'sedated, ' if night.sedated else ''}{night.sensors}: {toward}"
            for night, toward in found
            if contradicts(night.kind, toward)
        ),
        f"This is {LABEL}.",
    ]


def main() -> None:
    """Simulate, analyse, print."""
    parser = argparse.ArgumentParser(description=f"Recordings of simulated nights: {LABEL}.")
    parser.add_argument("--nights", type=int, default=200, help="how many nights")
    parser.add_argument(
        "--hours", type=float, nargs=2, default=(1.5, 3.0), help="shortest and longest night"
    )
    parser.add_argument("--jobs", type=int, default=1, help="nights at a time")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other nights")
    parser.add_argument("--full", action="store_true", help="all channels in every night")
    given = parser.parse_args()
    chosen = list(scenarios(given.nights, given.hours, given.seed, full=given.full))
    sys.stdout.write(table(list(results(chosen, given.jobs))) + "\n")


if __name__ == "__main__":
    main()
