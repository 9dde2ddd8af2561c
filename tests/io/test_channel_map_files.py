"""Channel maps: what they may say, how a wrong one is told, and that they override every rule."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.site import Site
from psgkit.errors import PsgkitError, SettingsError
from psgkit.io.channels.assign import roles_with_map
from psgkit.io.channels.channel_map import (
    ChannelMap,
    MappedChannel,
    apply_channel_map,
    parse_channel_map,
    read_channel_map,
)

LEFT = '["EMG RF"]\nrole = "leg"\nsite = "left_leg"\nunit = "mV"\n'


def of(text: str) -> ChannelMap:
    return parse_channel_map(text, "map.toml")


def test_a_channel_is_a_table_with_its_label_as_name(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(LEFT)
    assert read_channel_map(tmp_path / "map.toml") == ChannelMap(
        source="map.toml",
        channels=(MappedChannel(label="EMG RF", role="leg", site=Site.LEFT_LEG, unit="mV"),),
    )


def test_the_list_form_says_the_same() -> None:
    listed = '[[channel]]\nlabel = "EMG RF"\nrole = "leg"\nsite = "left_leg"\nunit = "mV"\n'
    assert of(listed) == of(LEFT)


def test_every_field_may_be_left_out() -> None:
    assert of('["A"]\n').channels == (MappedChannel(label="A"),)


def test_a_channel_may_be_called_channel() -> None:
    assert of('[channel]\nrole = "chin"').channels[0].label == "channel"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "map.toml: found no channel, wanted at least one"),
        ("# only a comment", "found no channel"),
        ("channel = []", "found no channel"),
        ('role = "leg"', "'role': found a value outside a channel"),
        ('["A"]\nrole = "legg"', "line 1, channel 'A', role: found 'legg', wanted leg, arm, trunk"),
        ('\n["A"]\nsite = "moon"', "line 2, channel 'A', site: found 'moon', wanted left_leg"),
        ('["A"]\nunit = "furlong"', "line 1, channel 'A', unit: found 'furlong', wanted V, mV, uV"),
        ('["A"]\nunit = ""', "unit: found '', wanted V"),
        ('["A"]\nrole = 3', "line 1, channel 'A', role: found 3, wanted text in quotes"),
        (
            '["A"]\nside = "left"',
            "found the field 'side', wanted role, site, unit, place, axis or minus",
        ),
        (
            '["A"]\nrole = "accelerometer"\nplace = "left ankel"',
            r"line 1, channel 'A', place: found 'left ankel', wanted ankle, .*'left_ankle'\?",
        ),
        (
            '["A"]\nrole = "accelerometer"\nplace = "left_ankle"\nsite = "trunk"',
            "site: found 'trunk' for the place 'left_ankle', wanted 'left_leg'",
        ),
        ('["A"]\nrole = "accelerometer"\naxis = "w"', "axis: found 'w', wanted x, y, z"),
        ('["A"]\nrole = "leg"\nplace = "left_ankle"', "'left_ankle' for the role 'leg', wanted"),
        (
            '["A"]\nrole = "leg"\nsite = "left_arm"',
            "'left_arm' for the role 'leg', wanted left_leg",
        ),
        ('["A"]\nrole = "leg"\nsite = "both_legs"', "wanted left_leg, right_leg"),
        ('["A"]\nrole = "chin"\nsite = "trunk"', "'trunk' for the role 'chin', wanted no site"),
        ('[EMG.Biceps]\nrole = "arm"', r'A label with a dot needs quotes: \["EMG.Biceps"\]'),
        (
            '[channels."EMG RF"]\nrole = "leg"',
            r'A channel is named alone in brackets: \["EMG RF"\]',
        ),
        ('[[channel]]\nrole = "leg"', r"\[\[channel\]\] number 1: found no label"),
        ('[["A"]]\nrole = "leg"', "found a value outside a channel"),
        ('["A"]\n["B"]\n["A"]\n', "line 3: found a name that is written twice"),
        ('["A"]\nrole = "leg"\nrole = "arm"', "found a name that is written twice"),
        (
            '[[channel]]\nlabel = "A"\n[[channel]]\nlabel = "A"\n',
            "line 4: found the channel 'A' twice, wanted each channel once",
        ),
        (
            LEFT + '["B"]\nrole = "leg"\nsite = "left_leg"',
            "line 5: found left_leg given to 'EMG RF' and to 'B', wanted one channel for each limb",
        ),
        ('["A"]\nrole = "leg"\n["B"]\nrole = "leg"', "leg without a site given to 'A' and to 'B'"),
        ('["A"\n', "line 1: found no TOML: Expected"),
        ("a = " + "9" * 5000, "found no TOML"),
        ("a = " + "[" * 5000, "nested in more than 16 levels"),
    ],
)
def test_a_wrong_map_says_where_and_what(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        of(text)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("content", [None, b"", b"0       X"])
def test_a_map_that_cannot_be_read_is_a_wrong_setting(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "map.toml").write_bytes(content)
    with pytest.raises(
        SettingsError, match=r"map\.toml: found .* wanted (a channel map|a text table|at least one)"
    ):
        read_channel_map(tmp_path / "map.toml")


TWO_MUSCLES = """
["A"]
role = "arm"
site = "left_arm"
["B"]
role = "arm"
site = "left_arm"
"""


def test_an_arm_with_a_side_may_have_several_channels_and_one_without_may_not() -> None:
    assert roles(TWO_MUSCLES, "A", "B") == {"A": ("arm", "left_arm"), "B": ("arm", "left_arm")}
    with pytest.raises(SettingsError, match="arm without a site given to 'A' and to 'B'"):
        of('["A"]\nrole = "arm"\n["B"]\nrole = "arm"')


def test_a_muscle_yields_to_a_mapped_channel_that_may_be_the_same() -> None:
    text = '["Biceps L"]\nunit = "mV"'
    assert roles(text, "Biceps L", "FDS L", "Biceps L 2")["FDS L"] == ("arm", "left_arm")
    assert roles(text, "Biceps L", "FDS L", "Biceps L 2")["Biceps L 2"] == ("", "")
    assert roles('["A"]\nrole = "arm"\nsite = "left_arm"', "A", "FDS L")["FDS L"] == ("", "")


def test_several_muscles_of_the_trunk_and_several_axes_are_no_contradiction() -> None:
    trunk = '["A"]\nrole = "trunk"\n["B"]\nrole = "trunk"\nsite = "trunk"\n'
    axes = '["X"]\nrole = "accelerometer"\nsite = "left_leg"\n'
    assert len(of(trunk + axes + axes.replace("X", "Y")).channels) == 4


def test_a_label_that_is_not_recorded_lists_those_that_are_and_the_nearest() -> None:
    with pytest.raises(
        SettingsError,
        match=r"'EMG RF': found a channel that .* 'ECG', 'emg rf'\. Did you mean 'emg rf'\?",
    ):
        apply_channel_map(of(LEFT), ["ECG", "emg rf"])
    with pytest.raises(SettingsError, match="none: it has no channels"):
        apply_channel_map(of(LEFT), [])


def test_what_the_map_says_is_found_by_label() -> None:
    assert apply_channel_map(of(LEFT), ["ECG", "EMG RF"])["EMG RF"].unit == "mV"


def roles(text: str, *labels: str) -> dict[str, tuple[str, str]]:
    found = roles_with_map(of(text), [(label, "uV") for label in labels])
    assert [channel.label for channel in found] == list(labels)
    return {channel.label: (channel.role, channel.site.value) for channel in found}


def test_a_map_overrides_the_rules_and_leaves_the_rest_to_them() -> None:
    assert roles(LEFT, "EMG RF", "LAT", "RAT", "ECG") == {
        "EMG RF": ("leg", "left_leg"),
        "LAT": ("", ""),
        "RAT": ("leg", "right_leg"),
        "ECG": ("ecg", ""),
    }


def test_a_channel_that_yields_to_the_map_says_to_which() -> None:
    found = roles_with_map(of(LEFT), [("EMG RF", "uV"), ("LAT", "uV")])
    assert found[0].rule == "stated in the channel map"
    assert found[1].rule == "not used: the channel map gives this leg to 'EMG RF'"


def test_a_limb_of_unknown_side_yields_either_way() -> None:
    assert roles(LEFT, "EMG RF", "Leg")["Leg"] == ("", "")
    assert roles('["EMG RF"]\nrole = "leg"', "EMG RF", "LAT")["LAT"] == ("", "")


def test_an_empty_role_leaves_a_channel_out_and_frees_its_limb() -> None:
    assert roles('["LAT"]\nrole = ""', "LAT", "L Leg") == {
        "LAT": ("", ""),
        "L Leg": ("leg", "left_leg"),
    }


def test_a_map_may_state_only_the_site_or_only_the_unit() -> None:
    assert roles('["Leg1"]\nsite = "right_leg"', "Leg1") == {"Leg1": ("leg", "right_leg")}
    assert roles('["LAT"]\nunit = "mV"', "LAT") == {"LAT": ("leg", "left_leg")}
    assert roles('["A"]\nrole = "trunk"', "A") == {"A": ("trunk", "trunk")}


def test_a_site_that_does_not_fit_the_role_by_rule_is_refused() -> None:
    with pytest.raises(SettingsError, match="channel 'ECG', site: found 'left_leg' for the role"):
        roles('["ECG"]\nsite = "left_leg"', "ECG")


def test_two_sites_that_become_one_limb_with_the_rules_are_refused() -> None:
    with pytest.raises(SettingsError, match="'Leg1' and 'Leg2' for left_leg, wanted one channel"):
        roles('["Leg1"]\nsite = "left_leg"\n["Leg2"]\nsite = "left_leg"', "Leg1", "Leg2")


@given(st.text(alphabet='["]EMG RF=\n"legsitrou_', max_size=60))
def test_almost_maps_end_in_a_map_or_a_typed_error(body: str) -> None:
    with contextlib.suppress(PsgkitError):
        assert of(LEFT + body).channels[0].label == "EMG RF"


LABELS = st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=16
)


@given(LABELS)
def test_every_label_can_be_mapped(label: str) -> None:
    quoted = label.replace("\\", "\\\\").replace('"', '\\"')
    assert of(f'["{quoted}"]\nrole = "chin"').channels[0].label == label
    assert roles(f'["{quoted}"]\nrole = "chin"', label) == {label: ("chin", "")}


@pytest.mark.parametrize(
    ("label", "fields", "place", "site", "axis"),
    [
        ("Ch 5", 'role = "accelerometer"\nplace = "left_ankle"', "left_ankle", "left_leg", ""),
        ("Ch 5", 'role = "accelerometer"\nplace = "wrist"\naxis = "y"', "wrist", "", "y"),
        ("Ch 5", 'role = "accelerometer"', "recorder", "trunk", ""),
        ("X Axis", 'place = "lumbar"', "lumbar", "trunk", "x"),
        ("X Axis", 'site = "left_leg"', "left_leg", "left_leg", "x"),
        ("Left Foot Z", 'place = "right_foot"', "right_foot", "right_leg", "z"),
        ("Wrist X", 'place = "wrist"\nsite = "right_arm"', "wrist", "right_arm", "x"),
    ],
)
def test_a_map_says_where_an_accelerometer_is_worn(
    label: str, fields: str, place: str, site: str, axis: str
) -> None:
    (found,) = roles_with_map(of(f'["{label}"]\n{fields}\n'), [(label, "g")])
    assert (found.role, found.place, found.site, found.axis) == (
        "accelerometer",
        place,
        Site(site),
        axis,
    )


def test_a_place_is_for_accelerometers_only() -> None:
    with pytest.raises(SettingsError, match="'lumbar' for the role 'leg', wanted role ="):
        roles_with_map(of('["LAT"]\nplace = "lumbar"\n'), [("LAT", "uV")])
