"""What has been published about the immobilisation tests, each value with how sure it is.

The values stand beside a result for the reader; nothing here is compared with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Grade = Literal["confirmed", "unconfirmed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A published value: ``confirmed`` was read in the abstract of the source itself."""

    of: str
    value: float
    unit: str
    text: str
    source: str
    grade: Grade


_MONTPLAISIR = "Montplaisir et al. 1998, Mov Disord 13"
_MICHAUD_2002 = "Michaud et al. 2002, Eur Neurol 48:108-113"
_GARCIA_BORREGUERO = "Garcia-Borreguero et al. 2013, Sleep 36:1101-1109"

_SIT = (
    Reference(
        of="sit_index_older",
        value=40.0,
        unit="1/h",
        text=(
            "SIT index of the legs above 40/h, found with the older rule; with PLMS above 11/h "
            "(higher of two nights) each classed 81 % of patients and 81 % of controls"
        ),
        source=_MONTPLAISIR,
        grade="confirmed",
    ),
    Reference(
        of="sit_index_older",
        value=12.0,
        unit="1/h",
        text=(
            "SIT index of 12/h; that movements in the test told RLS poorly from controls is "
            "confirmed, the value is not"
        ),
        source=_MICHAUD_2002,
        grade="unconfirmed",
    ),
    Reference(
        of="discomfort.mean",
        value=11.0,
        unit="mm",
        text=(
            "mean discomfort of 11 mm; that the mean has a sensitivity of 82 % and a specificity "
            "of 84 % is confirmed, the value is not"
        ),
        source=_MICHAUD_2002,
        grade="unconfirmed",
    ),
)
_MSIT = (
    Reference(
        of="discomfort.mean",
        value=2.68,
        unit="points",
        text=(
            "2.68 \u00b1 2.35 in RLS and 0.08 \u00b1 0.26 in controls, over the tests at 18, 20, "
            "22 and 24 h"
        ),
        source=_GARCIA_BORREGUERO,
        grade="confirmed",
    ),
)
REFERENCES: Mapping[str, tuple[Reference, ...]] = {"sit": _SIT, "msit": _MSIT}
"""By the name of the protocol."""
