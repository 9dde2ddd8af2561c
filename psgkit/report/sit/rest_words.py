"""Names of the parts and sites of a rest test."""

from psgkit.report.words.language import Words, _, marked
from psgkit.sit.rest_parts import RestPart

_POSTURES = Words(
    {
        "lying": marked("lying"),
        "seated": marked("seated"),
        "standing": marked("standing"),
    }
)
_SESSIONS = Words({"morning": marked("morning"), "evening": marked("evening")})
_SITES = Words(
    {
        "": marked("whole body"),
        "legs": marked("legs"),
        "arms": marked("arms"),
        "trunk": marked("back", "part of the body"),
    }
)


def part_name(part: RestPart) -> str:
    """Return posture and session in words.

    Examples
    --------
    >>> part_name(RestPart(posture="seated", session="evening", from_s=0.0, to_s=9.0, source=""))
    'seated, evening'
    """
    posture = _POSTURES[part.posture]
    if not part.session:
        return posture
    return _("{posture}, {session}", posture=posture, session=_SESSIONS[part.session])


def site_name(site: str) -> str:
    """Return a site of discomfort in words.

    Examples
    --------
    >>> site_name("trunk"), site_name("")
    ('back', 'whole body')
    """
    return _SITES[site]
