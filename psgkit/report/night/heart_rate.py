"""Table of the heart-rate responses to movements, by kind and part of the movements."""

from psgkit.core.night_report import NightReport
from psgkit.indices.heart_rate import rise_and_peak
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
    }
)


def heart_rate_parts(report: NightReport) -> tuple[Part, ...]:
    """Return a table with a row for each kind of movement that has a curve."""
    rows = []
    for name, words in CURVE_NAMES.items():
        curve = report.heart_rate.get(name)
        if curve is not None:
            rise, peak_s = rise_and_peak(curve)
            peak = NO_VALUE if peak_s is None else digits(peak_s, 1)
            rows.append((words, digits(curve.n, 0), digits(rise, 1), peak))
    head = (_("Movements"), _("Number"), _("Rise, beats/min"), _("Peak after the onset, s"))
    return (Table(head=head, rows=tuple(rows)),) if rows else ()
