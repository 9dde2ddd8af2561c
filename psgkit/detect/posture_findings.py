"""What had to be assumed about how a trunk sensor is mounted, in words."""

from psgkit.core.finding import Finding
from psgkit.detect.posture_axes import BodyAxes
from psgkit.detect.posture_rule import Mounting


def axes_findings(
    axes: BodyAxes, mounting: Mounting, place: str, *, any_lying: bool
) -> tuple[Finding, ...]:
    """Return one finding for each thing that was assumed or could not be told."""
    if axes.up is None:
        done = (
            "the commonest direction is taken for lying, on which side stays unknown"
            if any_lying
            else "no posture is told"
        )
        return (
            Finding(
                "warning",
                "posture.long_axis_unknown",
                place,
                "no walking and fewer than three sides were seen, so the direction of the head is "
                f"unknown; {done}; state the mounting of the sensor to get postures",
            ),
        )
    found = []
    if axes.up_from == "lying":
        head = "" if axes.head_known else "; its head end is unknown, and so are left and right"
        found.append(
            Finding(
                "warning",
                "posture.never_walking",
                place,
                "no walking was seen; the long axis of the body is what the lying positions turn "
                f"around{head}",
            )
        )
    if axes.front_from == "assumed":
        found.append(
            Finding(
                "warning",
                "posture.front_assumed",
                place,
                "which lying position is supine is assumed from gait and how adults share their "
                f"time and lean (probability {axes.front_probability:.2f} under that assumption); "
                "state the mounting of the sensor to be sure",
            )
        )
    if axes.head_known and not (mounting.left and mounting.up and mounting.front):
        found.append(
            Finding(
                "info",
                "posture.handedness_assumed",
                place,
                "left and right follow from head and front if the three axes are right-handed, as "
                "is assumed; if one axis was stored with its sign turned, they are exchanged",
            )
        )
    return tuple(found)
