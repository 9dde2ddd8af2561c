"""Table of the heart-rate responses to movements, by kind and part of the movements."""

import numpy as np

from psgkit.core.night_report import NightReport
from psgkit.indices.heart_rate import rise_and_peak
from psgkit.report.marked_numbers import Number
from psgkit.report.page_model import Part, Table
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import NO_VALUE, digits

CURVE_NAMES = Words(
    {
        "plms_all": marked("PLM in sleep"),
        "plms_arousal": marked("PLM in sleep with arousal"),
        "plms_no_arousal": marked("PLM in sleep without arousal"),
        "plms_nrem": marked("PLM in NREM sleep"),
        "plms_rem": marked("PLM in REM sleep"),
        "isolated_all": marked("Isolated LM in sleep"),
        "isolated_arousal": marked("Isolated LM in sleep with arousal"),
        "isolated_no_arousal": marked("Isolated LM in sleep without arousal"),
        "isolated_nrem": marked("Isolated LM in NREM sleep"),
        "isolated_rem": marked("Isolated LM in REM sleep"),
        "control_all": marked("Times in sleep without a leg movement"),
    }
)


def heart_rate_parts(report: NightReport) -> tuple[Part, ...]:
    """Return a table with a row for each kind of movement that has a curve."""
    rows = []
    for name, words in CURVE_NAMES.items():
        curve = report.heart_rate.get(name)
        if curve is not None:
            rise, peak_s = rise_and_peak(curve)
            at = int(np.flatnonzero((curve.at_s >= 0.0) & (curve.median == rise))[0])
            key = f"heart_rate.{name}"
            rose = Number.of(digits(rise, 1), f"{key}.median.{at}", round(rise, 6))
            n = Number.of(digits(curve.n, 0), f"{key}.n", curve.n)
            peak = NO_VALUE
            if peak_s is not None:
                peak = Number.of(digits(peak_s, 1), f"{key}.at_s.{at}", round(peak_s, 6))
            rows.append((words, n, rose, peak))
    head = (_("Movements"), _("Number"), _("Rise, /min"), _("Peak, s"))
    return (Table(head=head, rows=tuple(rows)),) if rows else ()
