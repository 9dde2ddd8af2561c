"""The evidence as it is read: nothing is said twice, and nothing that was told is hidden."""

from typing import Any

import pytest

from psgkit.core.night_report import Profile
from psgkit.report.night.profile import section_of_profile


def evidence(id_: str, value: float, says: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"id": id_, "value": value, "text": says, "supports": [], "against": [], **more}


@pytest.mark.parametrize(
    ("helped", "failed", "said"),
    [
        (0.0, 1.0, ["lorazepam failed."]),
        (1.0, 0.0, ["lorazepam helped."]),
        (1.0, 1.0, ["lorazepam helped.", "lorazepam failed."]),
    ],
)
def test_that_none_helped_is_not_said_beside_that_all_failed(
    helped: float, failed: float, said: list[str]
) -> None:
    words = {0.0: "none", 1.0: "lorazepam"}
    pieces = (
        evidence("akathisia_drugs", helped, f"{words[helped]} helped."),
        evidence("akathisia_drugs_failed", failed, f"{words[failed]} failed."),
        evidence("sleep_latency", 0.0, "It took 0 min to fall asleep."),
    )
    section = section_of_profile(Profile(statement="", evidence=pieces))
    rows = [row[0] for part in section.parts if part.kind == "table" for row in part.rows]
    assert rows == [*said, "It took 0 min to fall asleep."]
