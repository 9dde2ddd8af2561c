"""Where every number of the rule sets comes from, and how sure it is."""

from collections.abc import Mapping

_CODES = "PLMScoRe and Luna agree on 20,462 movements"
_TABLE = "comparison table PMC9619152"
_NSRR = "NSRR polysomnography manual 6.8.4"

SOURCES: Mapping[str, Mapping[str, str]] = {
    "wasm2016": {
        "join_within_s": f"second-hand: {_CODES}; a gap of exactly 0.5 s does not join",
        "min_duration_s": f"second-hand: {_TABLE}; exactly 0.5 s is kept ({_CODES})",
        "candidate_max_duration_s": "confirmed: abstract; exactly 10 s is a candidate",
        "bilateral.link": "confirmed: PMID 28366320, offset to onset",
        "bilateral.within_s": "confirmed: PMID 28366320; strict",
        "bilateral.max_parts": "confirmed: PMID 28366320 and abstract",
        "bilateral.max_duration_s": "confirmed: abstract; exactly 15 s is a candidate",
        "respiratory.anchor": "confirmed: Manconi et al. 2015, Sleep 38:295-304",
        "respiratory.window_s": f"confirmed: Manconi et al. 2015; ends included ({_CODES})",
        "respiratory.kinds": "second-hand: apnoeas and hypopnoeas; RERA added by us",
        "respiratory.scored_as": "confirmed: abstract, first without any respiratory exclusion",
        "series.imi_s": "confirmed: abstract, 10 and 90 s included",
        "series.min_movements": "confirmed: abstract",
        "series.after_short_imi": f"second-hand: {_CODES}; SOMAS reads it as 'end'",
        "series.no_candidate": f"second-hand: {_TABLE}, {_CODES}",
        "arousal_within_s": "confirmed: Ferri et al. 2015, Sleep (PMC4434558)",
        "counted_by": "second-hand: clause 2.4.4 as quoted by Pendulum; SOMAS, Luna",
    },
    "wasm2006": {
        "join_within_s": "open: as in WASM 2016; follows from the offset rule",
        "min_duration_s": "second-hand: SEV source comments",
        "candidate_max_duration_s": "second-hand: SEV source comments, 0.5-10 s",
        "bilateral.link": "confirmed: PMID 17234450 contrasts it with onset to onset",
        "bilateral.within_s": "confirmed: PMID 17234450",
        "bilateral.max_parts": "open: no limit is known",
        "bilateral.max_duration_s": "open: no limit is known",
        "respiratory.anchor": "confirmed: Manconi et al. 2015, around the end of the event",
        "respiratory.window_s": "open: 0.5 s to both sides, unconfirmed",
        "respiratory.kinds": "open: apnoeas and hypopnoeas; RERA added by us",
        "respiratory.scored_as": "open: reported with and without",
        "series.imi_s": "confirmed: Ferri et al. 2015, Sleep Med 16:1229; 5-90 s",
        "series.min_movements": "open: 4, unconfirmed",
        "series.after_short_imi": "second-hand: Pendulum; skipped, measured to the next",
        "series.no_candidate": "open: not stated; ignored",
        "arousal_within_s": "open: below 0.5 s, unconfirmed",
        "counted_by": "open: stage at onset",
    },
    "aasm3": {
        "join_within_s": "open: follows from the offset rule",
        "min_duration_s": f"second-hand: {_TABLE}",
        "candidate_max_duration_s": f"second-hand: {_TABLE}",
        "bilateral.link": f"second-hand: {_NSRR}, onset to onset",
        "bilateral.within_s": f"second-hand: {_NSRR}",
        "bilateral.max_parts": "open: no limit is known",
        "bilateral.max_duration_s": "open: not stated; each leg is judged by itself",
        "respiratory.anchor": f"second-hand: {_NSRR}, the whole event",
        "respiratory.window_s": f"second-hand: {_NSRR}, 0.5 s before the start to after the end",
        "respiratory.kinds": f"second-hand: {_NSRR}, apnoea, hypopnoea or RERA",
        "respiratory.scored_as": f"second-hand: {_NSRR}, not scored",
        "series.imi_s": f"second-hand: {_NSRR}; 5-90 s, ends included (open)",
        "series.min_movements": f"second-hand: {_NSRR}",
        "series.after_short_imi": "open: not stated; skipped",
        "series.no_candidate": "open: not stated; ignored",
        "arousal_within_s": f"second-hand: {_TABLE}",
        "counted_by": "second-hand: AASM summary of updates to version 3, some part in sleep",
    },
}
"""Rule set, then field (dotted), then certainty and source."""
