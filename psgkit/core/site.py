"""Where on the body a movement was recorded."""

from enum import StrEnum


class Site(StrEnum):
    """A place on the body; the empty one is "not stated"."""

    NONE = ""
    LEFT_LEG = "left_leg"
    RIGHT_LEG = "right_leg"
    BOTH_LEGS = "both_legs"
    LEFT_ARM = "left_arm"
    RIGHT_ARM = "right_arm"
    BOTH_ARMS = "both_arms"
    TRUNK = "trunk"
    WHOLE_BODY = "whole_body"


BOTH_SIDES = {
    Site.LEFT_LEG: Site.BOTH_LEGS,
    Site.RIGHT_LEG: Site.BOTH_LEGS,
    Site.BOTH_LEGS: Site.BOTH_LEGS,
    Site.LEFT_ARM: Site.BOTH_ARMS,
    Site.RIGHT_ARM: Site.BOTH_ARMS,
    Site.BOTH_ARMS: Site.BOTH_ARMS,
}
"""Site of a movement with parts on both sides; other sites have no sides."""

GROUP_SITES = {
    "legs": (Site.LEFT_LEG, Site.RIGHT_LEG, Site.BOTH_LEGS),
    "arms": (Site.LEFT_ARM, Site.RIGHT_ARM, Site.BOTH_ARMS),
    "trunk": (Site.TRUNK,),
}
"""Sites that are scored together, by the name of their group of indices."""
