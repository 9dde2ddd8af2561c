"""What to do about a finding, by its code."""

ADVICE = {
    "edf.truncated": (
        "Copy the file again from the recorder if it still has it; 'psgkit check --repair DIR' "
        "writes a copy with the right number of records."
    ),
    "edf.record_count": "'psgkit check --repair DIR' writes a copy with the number counted.",
    "edf.trailing_bytes": (
        "If the recording lasted longer than its header says, export it again; "
        "'psgkit check --repair DIR' writes a copy that ends where the header says."
    ),
    "edf.header_bytes": "'psgkit check --repair DIR' writes a copy with the right size.",
    "edf.decimal_comma": "'psgkit check --repair DIR' writes a copy with points.",
    "edf.encoding": "'psgkit check --repair DIR' writes a copy in ASCII.",
    "edf.start_unknown": (
        "Times by the clock are missing; give lights off and on in seconds, and correct the date "
        "in the exporting program."
    ),
    "edf.duplicate_label": "Name the channels by label and number in a channel map.",
    "edf.scaling": "Export the channel again; its samples have no unit without a range.",
    "edf.rate": "Export the channel again; its rate does not follow from the header.",
    "edf.timekeeping": (
        "If the recording was interrupted, export it as EDF+D; otherwise the times are right."
    ),
    "edf.annotations": "Export the annotations again, or give stages and events as a table.",
    "edf.gaps": "Nothing to do; rates are per hour recorded.",
    "edf.empty": "Copy the file again from the recorder: the recording itself is missing.",
    "edf.simulated": "Do not mix it with recordings of persons.",
    "emg.refused": "See the reason; a unit can be stated in a channel map.",
    "emg.low_rate": "Record legs at 200 Hz or more; compare such nights only with each other.",
    "night.no_legs": "Name the leg channels in a channel map (psgkit report --channels F.toml).",
    "check.flat": "The electrode was off or the channel not connected for that time.",
    "check.saturated": "The amplifier was at its limit: an electrode fault, or too small a range.",
    "check.mains": "Check the electrode and its ground; leg and arm channels are cleaned of hum.",
}
