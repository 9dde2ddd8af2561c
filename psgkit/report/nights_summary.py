"""What stands first on the page about nights: how far to trust them, and how they went."""

from collections.abc import Iterator

from psgkit.nights.follow import NightCourse
from psgkit.report.nights_lanes import drawn_indices
from psgkit.report.number_format import NO_VALUE, digits, number, with_unit
from psgkit.report.parts import Facts, Section, Simulated
from psgkit.report.texts import text
from psgkit.report.words import group_title, index_label

ENOUGH_NIGHTS = 3
_LINES, _PLACES = 6, 4
"""Indices and phases at most; the tables have them all."""
_THEN = " \u2192 "


def little_told(course: NightCourse) -> str | None:
    """Return how little so few nights tell; None where every phase has nights enough."""
    if len(course.nights) == 2:  # noqa: PLR2004 - one before, one after
        return text("nights.two_nights")
    few = [phase.label for phase in course.phases if phase.nights_n < ENOUGH_NIGHTS]
    if not few:
        return None
    return text("nights.few_nights", n=ENOUGH_NIGHTS, phases="; ".join(few))


def banners(course: NightCourse) -> Iterator[str]:
    """Yield what must not be missed: that nights are simulated, and that they are few."""
    simulated = sum(night.report.simulated for night in course.nights)
    if simulated:
        if simulated == len(course.nights):
            yield Simulated(text("nights.all_simulated"))
        else:
            yield Simulated(text("nights.some_simulated", n=digits(simulated, 0)))
    told = little_told(course)
    if told:
        yield told


def in_short(course: NightCourse) -> Iterator[Section]:
    """Yield the indices of the figure on a line each, one phase (else night) after the other."""
    names = [phase.label for phase in course.phases] or [one.label for one in course.nights]
    drawn = drawn_indices(course)
    if not drawn or not 1 < len(names) <= _PLACES:
        return
    rows = []
    for one in drawn[:_LINES]:
        known = [
            [
                index.value
                for night, index in enumerate(one.nights)
                if index.value is not None and _place(course, night) == place
            ]
            for place in range(len(names))
        ]
        means = _THEN.join(_mean(values, one.unit) for values in known)
        label = f"{group_title(one.group)}: {index_label(one.name, one.group)}"
        rows.append((label, with_unit(means, one.unit)))
    key = "nights.mean_of_phases" if course.phases else "nights.each_night"
    note = text(key, places=_THEN.join(names))
    yield Section(
        key="short", title=text("nights.short"), note=note, parts=(Facts(rows=tuple(rows)),)
    )


def _mean(values: list[float], unit: str) -> str:
    return number(sum(values) / len(values), unit) if values else NO_VALUE


def _place(course: NightCourse, night: int) -> int | None:
    """Return the phase of a night, or the night itself where there are no phases."""
    return course.nights[night].phase if course.phases else night
