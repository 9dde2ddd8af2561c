"""Indices of rhythmic trains, posture, movement at rest and scratching."""

from psgkit.core.index_catalogue.entry import (
    COUNT,
    FREQUENCY,
    MINUTES,
    PERCENT,
    RATE,
    RATIO,
    SECONDS,
    SHARE,
    IndexEntry,
    Kind,
    Subject,
    of_stages,
)

_AASM = "AASM manual (frequencies unconfirmed)"
_HFLM = "Yang and Winkelman 2010, J Clin Sleep Med 6:431-438 (abstract)"
_BRAUDE = "psgkit's own definition, after Braude and Barnes 1984 (abstract)"
_TUISKU = "psgkit's own definition, after Tuisku et al. 2003 (abstract without numbers)"
_POYUROVSKY = "psgkit's own definition, after Poyurovsky et al. 2000 (abstract)"
_HEART = (
    "psgkit's own definition; the response is described by Winkelman 1999, Sleep 22:575, and "
    "Sforza et al. 1999, Neurology 52:786 (not read)"
)
_BEATS = Kind("heart rate", "beats/min")
_SINBAR = (
    "after Frauscher et al. 2012, Sleep 35:835-847 (abstract); amplitudes as OSG states for SleepRT"
)
_AASM_TRANSIENT = (
    "AASM manual up to 2.5 (second-hand): bursts of at least 4 times the background, 5 of 10 "
    "mini-epochs"
)
_MINI, _EPOCHS = "mini-epochs of REM sleep that are left", "epochs of REM sleep that are left"
_SLEEP_H = "hour of sleep with a usable signal"
_WAKE_H = "hour of wake between lights off and on with a usable signal"
_LYING_H = "hour lying"
_ASLEEP_H = "hour of sleep while the trunk sensor showed lying"
_TRAINS = (
    ("foot_tremor", "Foot tremor", "of foot tremor", _AASM, "HFT; hypnagogic foot tremor"),
    ("alma", "Alternating (ALMA)", "that alternate between the legs", _AASM,
     "ALMA; alternating leg muscle activation"),
    ("high_frequency", "Other high-frequency", "of neither kind", _HFLM,
     "HFLM; high-frequency leg movements"),
)  # fmt: skip

# fmt: off
RHYTHMS = Subject(
    "rhythms",
    "Rhythmic trains of bursts in leg EMG",
    ("rhythms",),
    (
        IndexEntry("rhythm_n", "Trains", COUNT,
            "Trains of four or more bursts at 0.3-4 Hz; one seen on both sides is two.",
            source=_HFLM, also="HFLM; high-frequency leg movements"),
        IndexEntry("rhythm_index_sleep", "Trains in sleep", RATE,
            "Trains that begin in sleep.", _SLEEP_H, _HFLM),
        IndexEntry("rhythm_index_wake", "Trains in wake", RATE,
            "Trains that begin in wake.", _WAKE_H, _HFLM),
        IndexEntry("rhythm_index_recording", "Trains, whole recording", RATE,
            "All trains, staged or not.", "hour of the whole recording with a usable signal"),
        IndexEntry("rhythm_minutes", "In trains", MINUTES,
            "Time between lights off and on in which either side was in a train."),
        IndexEntry("rhythm_minutes_sleep", "In trains, sleep", MINUTES, "That time in sleep.",
            stages=True),
        IndexEntry("rhythm_minutes_wake", "In trains, wake", MINUTES, "That time in wake.",
            stages=True),
        IndexEntry("rhythm_frequency_median_hz", "Frequency, median", FREQUENCY,
            "Median frequency of the trains."),
        *(
            entry
            for kind, label, words, source, also in _TRAINS
            for entry in (
                IndexEntry(f"{kind}_n", f"{label}, trains", COUNT,
                    f"Trains {words}.", source=source, also=also),
                IndexEntry(f"{kind}_index_sleep", f"{label} in sleep", RATE,
                    f"Trains {words} that begin in sleep.", _SLEEP_H, source, also),
                IndexEntry(f"{kind}_index_wake", f"{label} in wake", RATE,
                    f"Trains {words} that begin in wake.", _WAKE_H, source, also),
            )
        ),
    ),
)
POSTURE = Subject(
    "posture",
    "Posture and turns by a trunk sensor",
    ("posture",),
    (
        *(
            IndexEntry(f"{side}_pct", label, PERCENT,
                f"Time lying {words} as a share of time lying.", "time lying on a known side")
            for side, label, words in (
                ("supine", "Supine, of lying", "supine"),
                ("prone", "Prone, of lying", "prone"),
                ("left", "Left side, of lying", "on the left side"),
                ("right", "Right side, of lying", "on the right side"),
            )
        ),
        IndexEntry("upright_min", "Upright, not walking", MINUTES,
            "Time with an upright trunk and without walking, sitting in bed included."),
        IndexEntry("walking_min", "Walking", MINUTES, "Time walking between lights off and on."),
        IndexEntry("out_of_bed_n", "Times out of bed", COUNT,
            "Times up or walking for 30 s or more."),
        IndexEntry("out_of_bed_min", "Out of bed", MINUTES,
            "Time up or walking for 30 s or more."),
        *(
            IndexEntry(f"turns_{size}_index", f"Turns of {size} degrees or more, lying", RATE,
                f"Turns of {size} degrees or more from lying to lying.", _LYING_H)
            for size in (15, 30, 60)
        ),
        *(
            IndexEntry(f"turns_{size}_sleep_index", f"Turns of {size} degrees or more, sleep", RATE,
                f"Turns of {size} degrees or more from lying to lying that begin in sleep.",
                _ASLEEP_H)
            for size in (15, 30, 60)
        ),
        IndexEntry("turn_size_median_deg", "Size of a turn, median", Kind("angle", "deg"),
            "Median change of the trunk's roll angle in a turn."),
        IndexEntry("turn_speed_median_deg_s", "Speed of a turn, median", Kind("speed", "deg/s"),
            "Median speed of a turn."),
        IndexEntry("posture_changes_n", "Changes of posture", COUNT,
            "Changes between supine, prone, left, right and up."),
    ),
)
AKATHISIA = Subject(
    "akathisia",
    "Rhythm and activity at rest",
    ("akathisia", "rhythm", "rhythm_seated"),
    of_stages(
        IndexEntry("waking_rest_min", "Waking rest", MINUTES,
            "Wake without walking, turns and gross movements while a leg was recorded."),
        IndexEntry("rhythm_rest_share", "Rhythm, share of waking rest", SHARE,
            "Share of waking rest in trains of ankles and feet, of leg EMG if no sensor is there.",
            "waking rest", _BRAUDE),
        IndexEntry("rhythm_frequency_hz", "Its frequency", FREQUENCY,
            "Median frequency of the trains in waking rest, weighted by their time.",
            source=_BRAUDE),
        IndexEntry("rhythm_regularity", "Its regularity (1 is a clock)", Kind("correlation", "1"),
            "Mean regularity of the trains in waking rest, weighted by their time."),
        IndexEntry("rhythm_longest_train_s", "Longest train", SECONDS,
            "Longest time without a pause in a train in waking rest."),
        IndexEntry("rhythm_lying_share", "Rhythm, share of rest lying", SHARE,
            "Share of waking rest lying in trains.", "waking rest lying"),
        IndexEntry("rhythm_upright_share", "Rhythm, share of rest seated or standing", SHARE,
            "Share of waking rest with an upright trunk in trains.", "waking rest upright",
            "psgkit's own definition, after Rapoport et al. 1994 (abstract)"),
        IndexEntry("rhythm_asleep_share", "Rhythm, share of sleep", SHARE,
            "Share of sleep in trains.", "sleep while a leg was recorded"),
        IndexEntry("ankle_waist_ratio", "Activity of ankles over waist", RATIO,
            "Mean movement of the ankles over that of the waist in waking rest.",
            "movement of the waist", _TUISKU),
        IndexEntry("day_night_ratio", "Activity by day over night", RATIO,
            "Mean movement of the ankles from 8 to 20 h with lights on over that from lights off "
            "to lights on, walking left out.", "movement at night", _POYUROVSKY, stages=False),
        IndexEntry("rest_activity_mg", "Activity of ankles at rest", Kind("level", "mg"),
            "Mean movement of the ankles in waking rest.", source=_TUISKU),
        IndexEntry("rest_activity_mg_{place}", "Activity at rest, {place}", Kind("level", "mg"),
            "Mean movement of one ankle or foot in waking rest.", source=_TUISKU, column=False),
    ),
)
HEART_RATE = Subject(
    "heart_rate",
    "Heart-rate response to leg movements in sleep",
    ("heart_rate",),
    of_stages(
        *(
            entry
            for kind, label, words in (
                ("plms", "PLM in sleep", "PLM in sleep"),
                ("isolated", "Isolated LM in sleep", "candidate leg movements in sleep outside "
                 "series"),
            )
            for entry in (
                IndexEntry(f"heart_{kind}_n", f"{label} with known heart rate", COUNT,
                    f"Number of {words}, untied to respiratory events, with regular heart beats "
                    "from 10 s before to 20 s after their onset."),
                IndexEntry(f"heart_{kind}_rise_bpm", f"Rise of heart rate, {label}", _BEATS,
                    f"Largest median over {words} of the change of heart rate within 15 s after "
                    "the onset, from the mean of 10 to 5 s before.", source=_HEART,
                    also="autonomic response"),
                IndexEntry(f"heart_{kind}_peak_s", f"Time of its peak, {label}", SECONDS,
                    "Time of that largest median after the onset.", source=_HEART),
            )
        ),
        IndexEntry("heart_risen_share", "PLM in sleep with a rise of 6 a minute or more", SHARE,
            "Share of PLM in sleep followed within 15 s by a rise of heart rate of 6 a minute or "
            "more, with or without a scored arousal.", "PLM in sleep with known heart rate",
            also="autonomic response"),
        IndexEntry("heart_control_share", "The same at times without a leg movement", SHARE,
            "Share of times in sleep, every 15 s and at least 30 s from every leg movement and "
            "respiratory event, followed by such a rise: what chance, turns and other arousals do.",
            "such times with known heart rate", also="control"),
        IndexEntry("heart_autonomic_share", "PLM in sleep with an autonomic arousal alone", SHARE,
            "Share of PLM in sleep followed within 15 s by a rise of heart rate of 6 a minute or "
            "more without a scored arousal.", "PLM in sleep with known heart rate",
            also="autonomic arousal"),
        IndexEntry("heart_cortical_share", "PLM in sleep with a scored arousal", SHARE,
            "Share of the same PLM in sleep tied to a scored arousal.",
            "PLM in sleep with known heart rate", also="cortical arousal"),
    ),
)
REM_ATONIA = Subject(
    "rem_atonia",
    "Muscle activity in REM sleep",
    ("rem_atonia",),
    of_stages(
        IndexEntry("rem_used_min", "REM sleep that was assessed", MINUTES,
            "Mini-epochs of 3 s in REM sleep between lights off and on in which the chin EMG is "
            "usable and no artefact, arousal or respiratory event was scored."),
        IndexEntry("mini_epochs_n", "Mini-epochs of 3 s", COUNT, "The same, as their number."),
        IndexEntry("epochs_n", "Epochs of 30 s", COUNT,
            "Epochs of REM sleep of which at least half of the mini-epochs are left."),
        *(
            IndexEntry(f"excluded_{name}_n", f"Left out: {label}", COUNT,
                f"Mini-epochs of REM sleep left out for {words}, and for nothing named before it.")
            for name, label, words in (
                ("signal", "signal", "a chin EMG that is missing, flat or at its limit"),
                ("artifact", "artefact", "a scored artefact of the whole body"),
                ("arousal", "arousal", "a scored arousal"),
                ("respiratory", "respiratory event", "a scored respiratory event"),
            )
        ),
        IndexEntry("chin_background_uv", "Background of the chin", Kind("level", "uV"),
            "Lowest mean rectified EMG over 30 s in an episode of REM sleep; median of the "
            "episodes."),
        IndexEntry("chin_tonic_pct", "Chin tonic, epochs of 30 s", PERCENT,
            "Epochs of which more than half lies at least at twice the background, or above 10 uV "
            "(unconfirmed).", _EPOCHS, _SINBAR, "RSWA; tonic EMG activity"),
        IndexEntry("chin_above_nrem_pct", "Chin above NREM sleep, epochs of 30 s", PERCENT,
            "Epochs of which more than half lies above 1.25 times the lowest mean over 30 s in "
            "NREM sleep.", _EPOCHS,
            "after the AASM manual up to 2.5 (unconfirmed); the factor is psgkit's own",
            "sustained muscle activity; RSWA"),
        IndexEntry("chin_phasic_pct", "Chin phasic, mini-epochs", PERCENT,
            "Mini-epochs with a burst of 0.1 to 5 s of at least twice the background.", _MINI,
            _SINBAR, "RSWA; phasic EMG activity"),
        IndexEntry("chin_any_pct", "Chin, any activity, mini-epochs", PERCENT,
            "Mini-epochs with a burst of 0.1 s or longer, or raised for at least half of them.",
            _MINI, _SINBAR, "REM sleep without atonia; RSWA; SINBAR"),
        IndexEntry("arm_phasic_pct", "Arms phasic, mini-epochs", PERCENT,
            "Mini-epochs with such a burst in the left or right arm.",
            f"{_MINI}, with both arms usable", _SINBAR, "FDS"),
        IndexEntry("chin_or_arm_pct", "Chin any or arms phasic, mini-epochs", PERCENT,
            "Mini-epochs with any activity of the chin or phasic activity of an arm.",
            f"{_MINI}, with both arms usable", _SINBAR, "SINBAR; FDS"),
        IndexEntry("chin_phasic_epochs_pct", "Chin phasic by AASM 2.5, epochs of 30 s", PERCENT,
            "Epochs with a burst of 0.1 to 5 s of at least four times the background in at least "
            "half of their mini-epochs.", _EPOCHS, _AASM_TRANSIENT,
            "excessive transient muscle activity"),
        IndexEntry("chin_any_epochs_pct", "Chin, any activity, epochs of 30 s", PERCENT,
            "Epochs that are tonic, or with any activity in at least half of their mini-epochs.",
            _EPOCHS, also="RSWA"),
        IndexEntry("chin_or_arm_epochs_pct", "Chin any or arms phasic, epochs of 30 s", PERCENT,
            "The same with phasic activity of the arms.",
            f"{_EPOCHS}, with both arms usable", also="RSWA; FDS"),
    ),
)
SCRATCH = Subject(
    "scratch",
    "Scratching (experimental)",
    ("scratch",),
    of_stages(
        IndexEntry("scratch_bouts_index", "Bouts in sleep", RATE,
            "Bouts of rhythmic wrist movement at 2-8 Hz that begin in sleep; both wrists are one.",
            _SLEEP_H),
        IndexEntry("scratch_bouts_wake_index", "Bouts in wake", RATE,
            "Bouts that begin in wake between lights off and on.", _WAKE_H),
        IndexEntry("scratch_min", "In bouts", MINUTES, "Time in bouts in sleep."),
        IndexEntry("scratch_bout_median_s", "Bout, median", SECONDS,
            "Median duration of bouts in sleep."),
        IndexEntry("scratch_frequency_hz", "Frequency, median", FREQUENCY,
            "Median frequency of bouts in sleep."),
    ),
)
# fmt: on
