"""What the picture of a night shows on its time axis, lane by lane, in seconds."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.core.events import RESPIRATORY_KINDS
from psgkit.core.night_report import NightReport
from psgkit.core.postures import POSTURES
from psgkit.core.site import Site
from psgkit.report.words import site_in_words

Spans: TypeAlias = NDArray[np.float64]
Lane: TypeAlias = tuple[str, list[tuple[str, Spans]]]


def lanes(report: NightReport) -> Iterator[Lane]:
    """Yield title and spans by style: movements, rhythms, posture, arousals, breathing."""
    yield from _movement_lanes(report)
    yield from _rhythm_lanes(report)
    if len(report.postures):
        yield "Posture", _posture_spans(report)
    for title, wanted in (("Arousals", ("arousal",)), ("Respiratory", RESPIRATORY_KINDS)):
        events = report.events.of_kind(wanted)
        if len(events):
            yield title, [(title.lower(), events.intervals())]


def lane_legend(report: NightReport) -> tuple[tuple[str, str], ...]:
    """Return style and words of what not every night has."""
    words = []
    if len(report.rhythms):
        words.append(("rhythm", "rhythmic train"))
    seen = set(report.postures.posture.tolist())
    words += [(f"posture-{name}", name) for name in POSTURES if name in seen]
    return tuple(words)


def _movement_lanes(report: NightReport) -> Iterator[Lane]:
    """Yield one lane a site, EMG and accelerometers apart."""
    scored = report.movements
    spans = scored.movements.intervals()
    kinds = (
        ("movement", ~scored.candidate & ~scored.plm),
        ("candidate", scored.candidate & ~scored.plm),
        ("plm", scored.plm),
    )
    known = [str(site) for site in Site]
    found = {*zip(scored.movements.modality.tolist(), scored.movements.site.tolist(), strict=True)}
    ranked = sorted(
        found,
        key=lambda one: (
            one[0] == "accelerometer",
            known.index(one[1]) if one[1] in known else len(known),
            one,
        ),
    )
    for modality, site in ranked:
        here = (scored.movements.site == site) & (scored.movements.modality == modality)
        title = site_in_words(site).capitalize()
        yield (
            f"{title}, sensor" if modality == "accelerometer" else title,
            [(style, spans[mask & here]) for style, mask in kinds if (mask & here).any()],
        )


def _rhythm_lanes(report: NightReport) -> Iterator[Lane]:
    """Yield one lane a site with rhythmic trains."""
    spans = report.rhythms.intervals()
    for site in sorted(set(report.rhythms.site.tolist())):
        title = f"{site_in_words(site).capitalize()}, rhythm"
        yield title, [("rhythm", spans[report.rhythms.site == site])]


def _posture_spans(report: NightReport) -> list[tuple[str, Spans]]:
    """Return the spans of each posture there is."""
    seen = set(report.postures.posture.tolist())
    return [
        (f"posture-{name}", report.postures.stretches((name,))) for name in POSTURES if name in seen
    ]
