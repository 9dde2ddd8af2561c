"""Iron stores as restless legs need them: by ferritin, transferrin saturation and CRP.

The reference range of a laboratory is made for anaemia.  In restless legs oral iron is considered
at a ferritin of 75 ug/L or less, read beside the transferrin saturation (IRLSSG task force: Allen
et al. 2018, Sleep Med 41:27-44), and inflammation raises ferritin.
"""

from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.profile.context.laboratory import (
    LaboratoryValue,
    latest_laboratory,
    ug_per_l,
    value_in_words,
)
from psgkit.profile.context.model import Context

ENOUGH_FERRITIN_UG_PER_L = 75.0
"""Oral iron is considered at or below it (Allen et al. 2018, Sleep Med 41:27-44)."""
LEAST_SATURATION_PCT = 20.0
"""Below it iron supply is short whatever the ferritin (AASM guideline 2025, second hand)."""

IronStatus: TypeAlias = Literal["present", "possible", "excluded", "not_known"]

_NO_CRP = translatable("CRP is not stated, and inflammation raises ferritin")
_CRP_UNKNOWN = translatable("CRP is not known")
_NO_FERRITIN = translatable("ferritin is not stated")
_NO_SATURATION = translatable("transferrin saturation is not stated")


@dataclass(frozen=True, kw_only=True, slots=True)
class IronStores:
    """What the values say about iron deficiency, and why."""

    status: IronStatus
    because: str


def iron_stores(context: Context) -> IronStores | None:
    """Return what the values say about iron, or None without ferritin and saturation.

    Examples
    --------
    >>> from psgkit.profile.context.model import Laboratory
    >>> row = Laboratory(name="ferritin", value=35, unit="ug/L", low=30, high=400)
    >>> iron_stores(Context(laboratory=(row,))).status
    'possible'
    """
    ferritin = latest_laboratory(context, "ferritin")
    saturation = latest_laboratory(context, "transferrin_saturation")
    if ferritin is None:
        return None if saturation is None else _by_saturation(saturation)
    said = translatable(f"ferritin {value_in_words(ferritin)}")
    if ferritin.status == "low":
        return IronStores(status="present", because=said)
    amount = ug_per_l(ferritin)
    if amount is not None and amount <= ENOUGH_FERRITIN_UG_PER_L:
        known = translatable(
            f"{said}, at or below {ENOUGH_FERRITIN_UG_PER_L:g} ug/L, where the IRLSSG considers "
            "oral iron in restless legs (Allen et al. 2018), whatever the range of the laboratory"
        )
        because = f"{known}{_beside(saturation)}"
        return IronStores(status="possible", because=because)
    if saturation is not None and _is_short(saturation):
        because = translatable(f"{said}, but {_saturation(saturation)}")
        return IronStores(status="possible", because=because)
    crp = latest_laboratory(context, "crp")
    why_open = _open(said, ferritin, amount, crp)
    if why_open:
        return IronStores(status="not_known", because=why_open)
    unread = "" if crp else f"; {_NO_CRP}"
    return IronStores(status="excluded", because=f"{said}{unread}{_beside(saturation)}")


def _open(
    said: str, ferritin: LaboratoryValue, amount: float | None, crp: LaboratoryValue | None
) -> str:
    """Return why a ferritin that is not low does not exclude a deficiency; empty if it does."""
    if ferritin.value is None:
        return translatable(
            f"{said}, but its value is not stated: more than {ENOUGH_FERRITIN_UG_PER_L:g} ug/L is "
            "wanted in restless legs"
        )
    if amount is None:
        return translatable(
            f"{said}, whose unit cannot be compared with {ENOUGH_FERRITIN_UG_PER_L:g} ug/L"
        )
    if crp is not None and crp.status == "high":
        return translatable(
            f"{said}, but CRP is raised, which raises ferritin: read transferrin saturation"
        )
    if ferritin.status == "high" and (crp is None or crp.status is None):
        high = translatable(f"{said}, raised, as in inflammation, which hides a deficiency")
        return f"{high}; {_CRP_UNKNOWN}"
    return ""


def _by_saturation(saturation: LaboratoryValue) -> IronStores:
    short = _is_short(saturation)
    because = f"{_saturation(saturation)}; {_NO_FERRITIN}"
    return IronStores(status="possible" if short else "not_known", because=because)


def _is_short(saturation: LaboratoryValue) -> bool:
    in_percent = (saturation.unit or "").strip() == "%"
    too_low = in_percent and (saturation.value or 0.0) < LEAST_SATURATION_PCT
    return saturation.status == "low" or (saturation.value is not None and too_low)


def _beside(saturation: LaboratoryValue | None) -> str:
    if saturation is None:
        return f"; {_NO_SATURATION}"
    return f"; {_saturation(saturation)}"


def _saturation(value: LaboratoryValue) -> str:
    return translatable(f"transferrin saturation {value_in_words(value)}")
