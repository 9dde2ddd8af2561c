"""Table of rules from the words of a label to a role.

The first rule that fits, from top to bottom, decides.  Its text is shown beside the role.
"""

import re
from typing import Literal

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.io.channels.label_words import ARM_PLACES, LEG_PLACES, TRUNK_PLACES, WORN_AT
from psgkit.io.channels.units import is_impedance, unit_factor

_ROLES = (
    "leg arm trunk chin emg eeg eog ecg accelerometer motion activity respiration snore oximetry"
    " capnography pulse position temperature light sound impedance marker device annotations"
)
ROLES = tuple(_ROLES.split())
"""Every role; a channel that no rule fits has the empty role."""

Quantity = Literal["voltage", "acceleration", "impedance", "unstated", "other"]
ANY: tuple[Quantity, ...] = ("voltage", "acceleration", "impedance", "unstated", "other")
MAYBE_VOLTAGE: tuple[Quantity, ...] = ("voltage", "unstated")

_ELECTRODE = (
    r"(?:(?:fp|af|f|fc|ft|c|t|cp|tp|p|po|o|i|n)(?:z|[1-9]|10)|[ma][12]|fpz|cb[12]|ref|avg|le)"
)
_ACC = r"(?:acc|accel|accelero|accelerom\w*|acceleration|beschl\w*|g ?sensor)"


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelRule:
    """One line of the table.

    ``pattern`` is searched in ``plain_words(label)``, ``text`` tells users why a channel has the
    role, and the unit of the channel must measure one of ``quantities``.
    """

    role: str
    pattern: re.Pattern[str]
    text: str
    quantities: tuple[Quantity, ...] = ANY


def quantity_of(unit: str) -> Quantity:
    """Return the quantity of a unit, as far as roles depend on it.

    Examples
    --------
    >>> quantity_of("kOhm"), quantity_of("mV"), quantity_of("")
    ('impedance', 'voltage', 'unstated')
    """
    if not unit.strip():
        return "unstated"
    if is_impedance(unit):
        return "impedance"
    factor = unit_factor(unit)
    if factor is None:
        return "other"
    return "voltage" if factor[0] == "uV" else "acceleration"


def _rule(role: str, pattern: str, text: str, quantities: tuple[Quantity, ...] = ANY) -> LabelRule:
    return LabelRule(role=role, pattern=regex(pattern), text=text, quantities=quantities)


def _words(*words: str) -> str:
    """Return a pattern for any of ``words`` as a whole word; each may be a pattern."""
    return rf"\b(?:{'|'.join(words)})\b"


LABEL_RULES: tuple[LabelRule, ...] = (
    _rule("annotations", r"^(edf|bdf) annotations$", "the annotations of the file"),
    _rule("impedance", r"", "its unit is a resistance: an impedance, no signal", ("impedance",)),
    _rule("impedance", _words(r"imp(ed\w*|a)?"), "called an impedance: no signal"),
    _rule("device", _words("voltage", r"batter\w*", "bluetooth"), "the state of the recorder"),
    _rule(
        "marker",
        _words("status", r"events?", r"mark(er)?s?", r"d?trig\w*", "button", r"stim?\d*"),
        "a marker",
    ),
    _rule("eog", r"\b[lriv]?h?eog\w*|" + _words("[lr]oc"), "an EOG by its name"),
    _rule(
        "eog", r"^e[12]( ?[mae][12])?( ref)?$", "E1 and E2 are the EOG electrodes", MAYBE_VOLTAGE
    ),
    _rule("ecg", r"\b(ecg|ekg)\w*", "an ECG by its name"),
    _rule("eeg", r"\b(ref )?eeg\w*", "an EEG by its name"),
    _rule("eeg", rf"^{_ELECTRODE}( ?{_ELECTRODE})*( 2)?$", "an EEG electrode", MAYBE_VOLTAGE),
    _rule(
        "pulse",
        _words(r"heart( rate)?", r"d?hr", r"puls\w*", r"pleth\w*", "ppg", "pwa", "ptt", "bpm", "bp")
        + "|blood pressure",
        "pulse or blood pressure",
    ),
    _rule(
        "oximetry", _words(r"s[ap]? ?o2\w*", r"osat", r"oxi\w*", r"saturation", "sat"), "oximetry"
    ),
    _rule("capnography", r"co2\b|\bcapno", "carbon dioxide"),
    _rule("snore", _words(r"snor\w*", r"ronfl\w*", r"schnarch\w*"), "snoring"),
    _rule(
        "position",
        _words(r"(body)?pos(ition|angle)?", "posture", "elevation", "lage"),
        "body position",
    ),
    _rule("temperature", _words(r"temp(erature)?"), "a temperature"),
    _rule("light", _words(r"(ambient)?light", "lux", "lumiere"), "light"),
    _rule("sound", _words(r"audio\w*", "sound", "volume", r"mic(rophone)?"), "sound"),
    _rule("motion", _words(r"gyro\w*", "gyr", r"magneto\w*", "mag"), "rotation or magnetic field"),
    _rule("accelerometer", _words(_ACC), "accelerometer"),
    _rule(
        "accelerometer", r"\b[xyz] (axis|axe|achse)\b|\b(axis|axe|achse) [xyz]\b", "accelerometer"
    ),
    _rule(
        "accelerometer",
        rf"(?=.*\b[xyz]\b).*{_words(*LEG_PLACES, *ARM_PLACES, *TRUNK_PLACES, *WORN_AT)}",
        "accelerometer",
    ),
    _rule("accelerometer", r"", "accelerometer", ("acceleration",)),
    _rule(
        "arm",
        _words(r"akti\w*"),
        "the actigraph input carries a voltage, taken as arm EMG recorded there",
        ("voltage",),
    ),
    _rule("activity", _words(r"akti\w*", r"act(igra\w*|ivity)?"), "activity counts, no raw signal"),
    _rule(
        "chin",
        _words(r"[lrc]?chin\w*", r"sub ?ment\w*", r"ment(al\w*|on)?", "kinn", r"mylohy\w*"),
        "a chin electrode by its name",
    ),
    _rule("chin", r"^(1 2|1 f|2 f)$", "1, 2 and F are chin electrodes by convention"),
    _rule(
        "trunk",
        rf"{_words(*TRUNK_PLACES)}|\brectus abd\w*|\br ?ab\b|\b(emg|oblique) abd\w*|\babd\w* emg",
        "a muscle of the trunk by its name",
    ),
    _rule(
        "respiration",
        _words(
            *(r"\w*flow\w*", "nasal", "nas", r"cannul\w*", "canule", r"therm\w*", r"thor\w*"),
            *("chest", r"abd\w*", "rip", r"efforts?", r"resp\w*", r"breath\w*", r"[cie]pap"),
            *(r"press?(ure|ion)?", "leak", "brust", "bauch", "atmung", r"induct\w*", r"diaph\w*"),
            *(r"intercostal\w*", "mask"),
        ),
        "respiration",
    ),
    _rule(
        "leg",
        _words("biceps fem\\w*", "rectus fem\\w*", r"ext\w* dig\w* brev\w*"),
        "a muscle of the leg by its name",
    ),
    _rule(
        "leg",
        _words(*[place for place in LEG_PLACES if place not in ("at", "ta")])
        + r"|\b(left|right|emg) (at|ta)\b|\b(at|ta) (left|right)\b|\bant tib",
        "a leg or tibialis channel by its name",
    ),
    _rule("leg", r"^emg 3 emg 4$", "EMG3-EMG4 is the leg pair by convention, an assumption"),
    _rule("arm", _words(*ARM_PLACES), "an arm or a muscle of the arm by its name"),
    _rule(
        "arm",
        r"^(emg )?aux$",
        "the auxiliary input is taken as arm EMG, an assumption",
        MAYBE_VOLTAGE,
    ),
    _rule("emg", r"\bemg\w*", "an EMG whose label names no place"),
)


def fitting_rule(words: str, quantity: Quantity) -> LabelRule | None:
    """Return the first rule that fits a label, None if none does.

    Examples
    --------
    >>> fitting_rule("left leg", "voltage").role, fitting_rule("left leg", "impedance").role
    ('leg', 'impedance')
    """
    for rule in LABEL_RULES:
        if quantity in rule.quantities and rule.pattern.search(words):
            return rule
    return None
