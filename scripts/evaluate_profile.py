"""What the profile says of simulated people, beside what was simulated: agreement with ourselves.

    python scripts/evaluate_profile.py [--people 8] [--hours 2 3] [--jobs 1] [--seed 0]
        [--montage full|legs|drawn] [--out FILE]

Simulator and rule have the same authors.  A good table shows that the two fit each other, and says
nothing about patients: it is no accuracy, sensitivity or specificity.

``--people`` is the number of each kind.  The five kinds are simulated like for like: person 3 of
each kind has the same montage, length of night, noise, sedation (one in four), and habit of moving
the feet; severity multiplies the rates of what makes a kind.  Every person is then asked: each
question of the interview is left out in three of ten, and answered as typical of the kind
otherwise.  All numbers are psgkit's own choice.

The recording is read as if it were a real one, because a simulated one changes no leaning.  Three
voices are printed for both questions: the recording alone (where it points, which is no leaning),
the answers alone, and both together.
"""

import argparse
import csv
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from psgkit.core.night_report import NightReport, Profile
from psgkit.io.new_files import new_file
from psgkit.night.walk import analyse_night
from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.facts import CRITERIA
from psgkit.profile.context.model import Bars, Context, Drug, Symptom
from psgkit.profile.evidence.of_night import profile_of
from psgkit.simulate.body_night import simulate_body_night
from psgkit.simulate.plan.body_kinds import BodyKind
from psgkit.simulate.plan.kinds import SleepPlan
from psgkit.simulate.plan.lab_kinds import FIDGETS, LAB_KINDS, ORDINARY, ORDINARY_FEET
from psgkit.simulate.plan.options import SENSORS, SimulationOptions

LABEL = "agreement with psgkit's own simulator, not with patients"
KINDS = tuple(LAB_KINDS)
SITE_OF = {"rls": "legs", "ras": "arms", "rbs": "back"}
VOICES = ("recording", "answers", "together")
NO_SITE, SEVERAL = "none", "several"
Q1 = (*SITE_OF.values(), SEVERAL, NO_SITE)
Q2 = ("points to it", "speaks against it", "neither")
EPOCHS_PER_H = 120
SEVERITY = (0.5, 1.6)
SEDATED_SHARE, SEDATED_RATE = 0.25, 0.6
HABIT_LOG_SD = 0.8
ASKED_SHARE, KEPT_SHARE = 0.7, 0.6
OPTIONS = SimulationOptions(
    rate_hz=200.0, emg="noise", ecg_rate_hz=100.0, accelerometer_rate_hz=25.0
)
"""EMG of noise costs half as much as one of motor units, and the questions are not about it."""
NOT_RATED_HIGH = (Bars(objective=0, awareness=0, distress=0, global_score=0),)
RESTLESS = {
    **dict.fromkeys(CRITERIA, True),
    "sensations": ("crawling",),
    "localised": True,
    "inner_restlessness": False,
    "bars": NOT_RATED_HIGH,
}
TYPICAL: Mapping[str, Mapping[str, Any]] = {
    "healthy": {"urge": False, "inner_restlessness": False, "bars": NOT_RATED_HIGH},
    "rls": RESTLESS,
    "ras": RESTLESS,
    "rbs": RESTLESS,
    "akathisia": {
        "rest": True,
        "relief": "partly",
        "evening": False,
        "pacing": True,
        "inner_restlessness": True,
        "bars": (Bars(objective=2, awareness=2, distress=2, global_score=3),),
        "drugs": (Drug(name="haloperidol", dose=10.0, unit="mg/day"),),
    },
}
"""What a person of a kind answers, asked about the site of the kind (or the legs)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One simulated person; those of one ``number`` differ by their kind alone."""

    number: int
    seed: int
    kind: str
    hours: float
    severity: float
    sedated: bool
    habit: float
    sensors: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What each voice says: conditions it points to, and those it speaks against."""

    scenario: Scenario
    toward: Mapping[str, frozenset[str]]
    against: Mapping[str, frozenset[str]]

    def site(self, voice: str) -> str:
        """Return the answer of a voice to question 1."""
        sites = [SITE_OF[name] for name in SITE_OF if name in self.toward[voice]]
        return sites[0] if len(sites) == 1 else SEVERAL if sites else NO_SITE

    def akathisia(self, voice: str) -> str:
        """Return the answer of a voice to question 2."""
        if "akathisia" in self.toward[voice]:
            return Q2[0]
        return Q2[1] if "akathisia" in self.against[voice] else Q2[2]


def scenarios(people: int, hours: Sequence[float], seed: int, montage: str) -> Iterator[Scenario]:
    """Yield ``people`` of each kind."""
    for number in range(people):
        rng = np.random.default_rng([seed, number])
        drawn = random_sensors(rng)
        same = {
            "hours": float(rng.uniform(*hours)),
            "severity": float(rng.uniform(*SEVERITY)),
            "sedated": bool(rng.random() < SEDATED_SHARE),
            "habit": float(np.exp(HABIT_LOG_SD * rng.standard_normal())),
            "sensors": drawn if montage == "drawn" else montage,
        }
        for row, kind in enumerate(KINDS):
            own_seed = len(KINDS) * (1000 * seed + number) + row
            yield Scenario(number=number, seed=own_seed, kind=kind, **same)


def random_sensors(rng: np.random.Generator) -> str:
    """Return the legs and some others."""
    others = [part for part in SENSORS if part != "legs" and rng.random() < KEPT_SHARE]
    return "+".join(["legs", *others])


def kind_of(scenario: Scenario) -> BodyKind:
    """Return the kind of a person, as severe, sedated and fidgety as wanted."""
    kind = LAB_KINDS[scenario.kind]
    rate = scenario.severity * (SEDATED_RATE if scenario.sedated else 1.0)

    def processes(given: Iterable) -> tuple:  # type: ignore[type-arg]
        return tuple(
            one if one in ORDINARY or one == FIDGETS else replace(one, per_h=one.per_h * rate)
            for one in given
        )

    trains = tuple(
        replace(
            one,
            per_h={
                state: n * (scenario.habit if one == ORDINARY_FEET else rate)
                for state, n in one.per_h.items()
            },
        )
        if one.kind == "rhythm"
        else one
        for one in kind.trains
    )
    sleep, other, course = kind.night.sleep, kind.other_sleep, kind.course
    if scenario.sedated:
        sleep, other = sedated(sleep), other and sedated(other)
        course = replace(course, get_ups_per_h=0.5 * course.get_ups_per_h)
    night = replace(kind.night, sleep=sleep, processes=processes(kind.night.processes))
    return replace(
        kind,
        night=night,
        course=course,
        trains=trains,
        sometimes=processes(kind.sometimes),
        seated=processes(kind.seated),
        other_sleep=other,
    )


def sedated(sleep: SleepPlan) -> SleepPlan:
    """Return the sleep of somebody sedated."""
    latency = sleep.latency_min
    return replace(
        sleep,
        latency_min=replace(latency, median=max(latency.low, 0.5 * latency.median)),
        wake_bouts_per_h=0.5 * sleep.wake_bouts_per_h,
        spontaneous_arousals_per_h=SEDATED_RATE * sleep.spontaneous_arousals_per_h,
    )


def answers_of(kind: str, rng: np.random.Generator) -> Context:
    """Return what a person of a kind answers: as typical, with questions left out."""
    kept = {name: value for name, value in TYPICAL[kind].items() if rng.random() < ASKED_SHARE}
    bars, drugs = kept.pop("bars", ()), kept.pop("drugs", ())
    symptom = Symptom(site=SITE_OF.get(kind, "legs"), **kept)
    return Context(symptoms=(symptom,), bars=bars, drugs=drugs)


def evaluate(scenario: Scenario) -> Said:
    """Return what the voices say of a person."""
    night = simulate_body_night(
        kind_of(scenario),
        round(EPOCHS_PER_H * scenario.hours),
        scenario.seed,
        replace(OPTIONS, sensors=scenario.sensors),
    )
    # without the finding that it is simulated, with which a recording changes no leaning
    as_real = replace(night.recording, findings=())
    report = analyse_night(as_real, night.hypnogram, night.events)
    context = answers_of(scenario.kind, np.random.default_rng([scenario.seed, 1]))
    return said_of(scenario, report, context)


def said_of(scenario: Scenario, report: NightReport, context: Context) -> Said:
    """Return what the voices say of a report and of answers."""
    alone = profile_of(report)
    voices = {"answers": answer_of_context(context), "together": profile_of(report, context)}
    toward = {"recording": frozenset(alone.questions["recording"])}
    against = {
        "recording": frozenset(
            name for one in alone.evidence if one["value"] is not None for name in one["against"]
        )
    }
    for voice, profile in voices.items():
        toward[voice], against[voice] = leaning_of(profile)
    return Said(scenario=scenario, toward=toward, against=against)


def leaning_of(profile: Profile) -> tuple[frozenset[str], frozenset[str]]:
    """Return the conditions that lean, and those that the answers speak against."""
    toward = [] if profile.leaning is None else profile.leaning["conditions"]
    against = [
        name for name, site in SITE_OF.items() if profile.questions["sites"].get(site) == "against"
    ]
    if profile.questions["akathisia"] in {"not shown", "less likely"}:
        against.append("akathisia")
    return frozenset(toward), frozenset(against)


def results(chosen: Sequence[Scenario], jobs: int) -> Iterator[Said]:
    """Yield what is said of everybody, with progress on the error output."""
    begun = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        for done, found in enumerate(pool.map(evaluate, chosen), start=1):
            left_min = (time.monotonic() - begun) / done * (len(chosen) - done) / 60
            sys.stderr.write(f"\rnight {done} of {len(chosen)}, about {left_min:.0f} min left   ")
            sys.stderr.flush()
            yield found
    sys.stderr.write("\n")


def table(found: Sequence[Said]) -> str:
    """Return both questions, voice by voice and kind by kind, as text."""
    lines = [
        f"What the profile says of {len(found)} simulated people: {LABEL}.",
        "Rows are what was simulated; numbers are people. Nothing here is an accuracy.",
    ]
    questions = (
        ("Question 1: a restless-legs-type condition, and where", Q1, Said.site),
        ("Question 2: akathisia", Q2, Said.akathisia),
    )
    for title, columns, answer in questions:
        lines += ["", title]
        for voice in VOICES:
            head = f"{voice:11}{'simulated':11}" + "".join(f"{name:>19}" for name in columns)
            lines += [head, "-" * len(head)]
            counted = Counter((one.scenario.kind, answer(one, voice)) for one in found)
            for kind in KINDS:
                row = "".join(f"{counted[kind, name] or '.':>19}" for name in columns)
                lines.append(f"{'':11}{kind:11}{row}")
    lines += ["", *(_otherwise(one) for one in found if points_elsewhere(one))]
    return "\n".join([*lines, f"This is {LABEL}.", ""])


def points_elsewhere(one: Said) -> bool:
    """Return whether the recording points to a condition that was not simulated."""
    return bool(one.toward["recording"] - {one.scenario.kind})


def _otherwise(one: Said) -> str:
    scenario = one.scenario
    toward = ", ".join(sorted(one.toward["recording"]))
    return (
        f"Recording of {scenario.kind}, person {scenario.number}, {scenario.hours:.1f} h, severity "
        f"{scenario.severity:.2f}, habit {scenario.habit:.1f}, "
        f"{'sedated, ' * scenario.sedated}{scenario.sensors}: points to {toward}"
    )


def write_rows(found: Sequence[Said], path: Path) -> None:
    """Write a line for each person and voice."""
    with new_file(path) as part, part.open("x", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(("simulated", "person", "sensors", "voice", "question_1", "question_2"))
        for one in found:
            own = (one.scenario.kind, one.scenario.number, one.scenario.sensors)
            for voice in VOICES:
                rows.writerow((*own, voice, one.site(voice), one.akathisia(voice)))


def main(given: Sequence[str] | None = None) -> None:
    """Simulate, analyse, print."""
    parser = argparse.ArgumentParser(description=f"The profile on simulated people: {LABEL}.")
    parser.add_argument("--people", type=int, default=8, help="how many of each kind")
    parser.add_argument(
        "--hours", type=float, nargs=2, default=(2.0, 3.0), help="shortest and longest night"
    )
    parser.add_argument("--jobs", type=int, default=1, help="nights at a time")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other people")
    parser.add_argument(
        "--montage",
        choices=("full", "legs", "drawn"),
        default="full",
        help="the same for all kinds; drawn: another for each person",
    )
    parser.add_argument("--out", type=Path, help="write a CSV of what was said, too")
    chosen = parser.parse_args(given)
    people = list(scenarios(chosen.people, chosen.hours, chosen.seed, chosen.montage))
    if not people:
        parser.error("--people must be at least 1, or nothing is simulated")
    found = list(results(people, chosen.jobs))
    sys.stdout.write(table(found))
    if chosen.out is not None:
        write_rows(found, chosen.out)


if __name__ == "__main__":
    main()
