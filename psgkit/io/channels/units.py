"""Units of stored signals: voltages are converted to uV, accelerations to g, others unchanged."""

import unicodedata

from psgkit.core.acceleration import STANDARD_GRAVITY_M_S2

_VOLTS = {"v": 1e6, "volt": 1e6, "mv": 1e3, "mvolt": 1e3, "millivolt": 1e3}
_VOLTS |= {"uv": 1.0, "uvolt": 1.0, "microvolt": 1.0, "nv": 1e-3, "nvolt": 1e-3, "nanovolt": 1e-3}
_METRE_PER_SECOND_SQUARED = ("m/s2", "m/s^2", "m/s**2", "m/s/s", "ms-2", "ms^-2", "m.s-2", "m.s^-2")
_GRAVITIES = {"g": 1.0, "gn": 1.0, "g0": 1.0, "mg": 1e-3, "ug": 1e-6}
_GRAVITIES |= dict.fromkeys(_METRE_PER_SECOND_SQUARED, 1 / STANDARD_GRAVITY_M_S2)


def unit_factor(stored: str) -> tuple[str, float] | None:
    """Return the internal unit and the factor to it; None if the unit is not converted.

    Micro may be ``u``, either Unicode character, or UTF-8 misread as Latin-1.  Case does not
    matter: no recorder stores megavolts.

    Examples
    --------
    >>> unit_factor("mV"), unit_factor("\u00b5V"), unit_factor("mg"), unit_factor("cmH2O")
    (('uV', 1000.0), ('uV', 1.0), ('g', 0.001), None)
    """
    name = _plain(stored)
    # "volts" is a plural, but "Vs" is another unit.
    name = name.removesuffix("s") if name.endswith("volts") else name
    if name in _VOLTS:
        return "uV", _VOLTS[name]
    if name in _GRAVITIES:
        return "g", _GRAVITIES[name]
    return None


def is_impedance(stored: str) -> bool:
    """Return whether ``stored`` is a unit of resistance.

    Examples
    --------
    >>> is_impedance("kOhm"), is_impedance("uV")
    (True, False)
    """
    name = _plain(stored).removesuffix("s")
    return name in {prefix + ohm for prefix in ("", "k", "m") for ohm in ("ohm", "\u03c9")}


def _plain(stored: str) -> str:
    """Return ``stored`` in lower case, without blanks, its micro sign as ``u``."""
    text = stored.replace("\u00c2\u00b5", "u").replace("\u00ce\u00bc", "u")
    # NFKC turns the micro sign into mu, the ohm sign into omega and a raised 2 into 2.
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u03bc", "u")
    return "".join(text.split())
