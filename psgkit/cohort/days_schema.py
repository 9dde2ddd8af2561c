"""What the tables of recordings of days hold beside indices: see ``schema``."""

from psgkit.cohort.columns import Column

DAYS_FACTS = (
    Column("sha256", "text", "Digest of the recording"),
    Column("start", "time", "Start, local clock time without a zone; corrected if it was"),
    Column("zone", "text", "Time zone it was worn in; null if nobody said"),
    Column("duration_s", "float", "From the start to the end, gaps included", "s"),
    Column("worn_h", "float", "Recorded and worn, of the sensor the rhythm is taken from", "h"),
    Column("days_n", "int", "Local days that it touches"),
    Column("nights_n", "int", "Nights whose window is known, rows with one in day_nights"),
    Column("device", "text", "Maker and model, if the file says"),
    Column("sites_used", "text", "What was measured and where, sorted, joined by +"),
    Column("activity_of", "text", "Place whose activity the rhythm is taken from"),
    Column("activity_unit", "text", "What that activity, l5, m10, mesor and amplitude are in"),
    Column("activity_from", "text", "counts (of the device) or acceleration"),
    Column("sleep_by", "text", "How sleep was estimated; it is no polysomnography"),
    Column(
        "clock_offset_s", "float", "Reference less device at the start; null: not corrected", "s"
    ),
    Column("clock_drift_ppm", "float", "How much too slow the device ran; null: not corrected"),
    Column("movements_n", "int", "Movements of all sites at night, its rows in movements"),
    Column("rules", "text", "Name of the rule set of the movements"),
    Column("settings_id", "text", "Hash of every setting: recordings with one are comparable"),
    Column("psgkit_version", "text", "Version of psgkit that analysed the recording"),
    Column("simulated", "bool", "Whether the recording says that it is simulated"),
    Column("errors_n", "int", "Findings that say that something could not be used"),
    Column("warnings_n", "int", "Findings that affect the result"),
    Column("quality_flags", "text", "What limits the recording, joined by +; null if nothing"),
)
DAY_NIGHT_FACTS = (
    Column("evening", "text", "Local date of the noon at which the day of this night begins"),
    Column("clock_h", "float", "Hours from that noon to the next: 23, 24 or 25", "h"),
    Column("window_start", "time", "When somebody lay down to sleep, local; null if not known"),
    Column("window_end", "time", "When somebody rose, local; null if not known"),
    Column("window_from", "text", "Where the window comes from"),
    Column("cut_off", "bool", "Whether the night may go on while nobody saw it"),
    Column("unseen_min", "float", "Of the window, neither scored asleep nor awake", "min"),
    Column("reason", "text", "Why there is no window; null if there is one"),
    Column("sleep_by", "text", "How sleep was estimated; it is no polysomnography"),
)
DAY_INDICES = (
    Column("of", "text", "recording, night or day: what the index is of"),
    Column("date", "text", "Evening of the night, or date of the day; null for the recording"),
    Column("group", "text", "Group of indices, such as rest_activity"),
    Column("name", "text", "Name of the index"),
    Column("value", "float", "Value; null where it cannot be computed, with a reason"),
    Column("unit", "text", "Unit of the value"),
    Column("numerator", "float", "What was counted, if anything was"),
    Column("denominator_h", "float", "Hours it rests on or was divided by", "h"),
    Column("reason", "text", "Why there is no value; null where there is one"),
)
