"""Section on how the index of the legs depends on the thresholds of EMG."""

from collections.abc import Callable, Sequence

from psgkit.core.night_report import NightReport
from psgkit.core.threshold_index import ThresholdIndex, usual_threshold
from psgkit.report.page_model import Bars, Section
from psgkit.report.words.language import _, plural
from psgkit.report.words.number_format import NO_VALUE, digits, short_number, with_unit
from psgkit.report.words.words import index_label


def sensitivity_section(report: NightReport) -> Section | None:
    """Return the section on the index at other thresholds; None if none were asked for."""
    found = report.sensitivity
    if not found:
        return None
    onset_uv = usual_threshold([one.onset_uv for one in found])
    offset_uv = usual_threshold([one.offset_uv for one in found])
    by_onset = [one for one in found if one.offset_uv == offset_uv]
    by_offset = [one for one in found if one.onset_uv == onset_uv]
    title = index_label(found[0].index.name, "legs")
    of_onset = _("{index} by onset threshold above rest", index=title)
    of_offset = _("{index} by offset threshold above rest", index=title)
    parts = (
        Bars(title=of_onset, rows=_rows(by_onset, lambda one: one.onset_uv)),
        Bars(title=of_offset, rows=_rows(by_offset, lambda one: one.offset_uv)),
    )
    return Section(
        key="sensitivity",
        title=_("Sensitivity to the thresholds"),
        note=_(
            "The standard is 8 µV above rest at the onset and 2 µV at the end. Where the index "
            "changes much from row to row, it says more about electrodes than about movements."
        ),
        parts=tuple(part for part in parts if len(part.rows) > 1),
    )


def _rows(
    found: Sequence[ThresholdIndex], threshold_uv: Callable[[ThresholdIndex], float]
) -> tuple[tuple[str, float | None, str], ...]:
    """Return threshold, value, and value with the number of movements."""
    return tuple(
        (with_unit(short_number(threshold_uv(one)), "uV"), one.index.value, _value(one))
        for one in found
    )


def _value(one: ThresholdIndex) -> str:
    if one.index.value is None:
        return NO_VALUE
    shown = with_unit(digits(one.index.value, 1), one.index.unit)
    n = plural("{n} movement", "{n} movements", one.movements_n)
    return f"{shown} \u00b7 {n}"
