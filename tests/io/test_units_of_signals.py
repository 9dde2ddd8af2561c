"""Units: voltages become uV, accelerations g, everything else stays what it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.io.channels.units import is_impedance, unit_factor

MICRO_SIGN, MU, OHM_SIGN, OMEGA = "\u00b5", "\u03bc", "\u2126", "\u03a9"


@pytest.mark.parametrize(
    ("stored", "factor"),
    [
        ("V", 1e6),
        ("mV", 1e3),
        ("uV", 1.0),
        ("UV", 1.0),
        (f"{MICRO_SIGN}V", 1.0),
        (f"{MU}V", 1.0),
        ("nV", 1e-3),
        (" uV ", 1.0),
        ("uVolt", 1.0),
        ("microvolts", 1.0),
        ("Volts", 1e6),
    ],
)
def test_voltages_become_microvolts(stored: str, factor: float) -> None:
    assert unit_factor(stored) == ("uV", factor)


@pytest.mark.parametrize("micro", [MICRO_SIGN, MU])
def test_a_micro_sign_in_utf8_that_was_read_as_latin1_is_still_micro(micro: str) -> None:
    assert unit_factor(f"{micro}V".encode().decode("latin-1")) == ("uV", 1.0)


@pytest.mark.parametrize(
    ("stored", "factor"), [("g", 1.0), ("mg", 1e-3), ("m/s^2", 1 / 9.80665), ("m/s2", 1 / 9.80665)]
)
def test_accelerations_become_g(stored: str, factor: float) -> None:
    assert unit_factor(stored) == ("g", pytest.approx(factor, rel=1e-15))


def test_a_raised_two_is_a_two() -> None:
    assert unit_factor("m/s\u00b2") == unit_factor("m/s2")


@pytest.mark.parametrize(
    "stored", ["", "?V", "V/s", "Vs", "g/s", "%", "cmH2O", "bpm", "Ohm", "H", "DegC", "uV/mm", "kg"]
)
def test_other_units_stay_as_they_are(stored: str) -> None:
    assert unit_factor(stored) is None


@pytest.mark.parametrize("ohm", ["Ohm", "kOhm", "kOhms", OHM_SIGN, f"k{OMEGA}", "MOhm"])
def test_resistance_is_recognised(ohm: str) -> None:
    assert is_impedance(ohm)


@given(st.text(max_size=8))
def test_no_unit_is_both_a_signal_and_an_impedance(stored: str) -> None:
    assert not (is_impedance(stored) and unit_factor(stored))
