"""Words for events: a table of patterns, and the site that stands beside a movement.

A pattern fits the whole text or not at all: "no arousal" is not an arousal.  What fits none stays
what it is.
"""

import re
import unicodedata

from psgkit.core.site import Site
from psgkit.io.channels.roles import role_of_label

_SIDE = r"(?: (?:left|right|l|r|gauche|droite|links|rechts))?"
_CAUSE = (
    r"(?:eeg|cortical|asda|aasm|standard|micro|spont\w*|res|resp|respiratory|rera|plms?|lms?|limb|leg"
    r"|movement|snore|noise|desat|apnea|hypopnea|aro|external|american sleep disorders association"
    r"|(?:resulting |due |arising )?(?:from|to|by)|effort|periodic|chin emg|cheshire)"
)
_KIND_OF_APNEA = (
    r"(?:obstructi(?:ve|f)|obstruktive?|central[e]?|zentrale?|mixed|mixte|gemischte?|unclassified)"
)
_APNEA = r"(?:apno?e[ae]?s?|apnoe)"

# One line a kind and language; a line is easy to add.
EVENT_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        # "PLM" alone is in RemLogic the bar over a whole series, and stays "plm".
        ("lm", rf"(?:plm )?lm{_SIDE}|plm (?:left|right|l|r|gauche|droite|links|rechts)"),
        ("lm", rf"(?:(?:isolated|periodic|left|right) )*(?:limb|leg) movements?{_SIDE}"),
        ("lm", rf"mj{_SIDE}|mouvements? (?:periodiques? )?(?:de |des )?(?:la )?jambes?{_SIDE}"),
        ("lm", rf"(?:(?:periodische|linke|rechte) )*beinbewegung(?:en)?{_SIDE}"),
        # An autonomic arousal is another thing than one seen in the EEG, and is not in here.
        ("arousal", rf"(?:{_CAUSE} )*arousals?(?: {_CAUSE})*"),
        ("arousal", rf"micro ?(?:r?eveil|arousal)s?(?: {_CAUSE})*|weckreaktion(?:en)?"),
        ("hypopnea", rf"(?:{_KIND_OF_APNEA} )?hypopno?e[ae]?s?(?: {_KIND_OF_APNEA})?"),
        ("apnea", rf"(?:{_KIND_OF_APNEA} )?{_APNEA}(?: {_KIND_OF_APNEA})?"),
        # Noxturnal shortens its "A. Obstructive", "A. Mixte".
        ("apnea", rf"a {_KIND_OF_APNEA}"),
        ("hypopnea", rf"h {_KIND_OF_APNEA}"),
        ("rera", r"reras?|resp(?:iratory)? effort related arousals?(?: rera)?"),
        ("lights_off", r"lights? (?:off|out)|licht aus"),
        ("lights_off", r"extinction (?:des )?lumieres?|lumieres? eteintes?"),
        ("lights_on", r"lights? on|licht an"),
        ("lights_on", r"allumage (?:des )?lumieres?|lumieres? allumees?"),
        # What psgkit itself exports beside the events of a scorer; no analysis takes them in.
        ("accelerometer_movement", r"accelerometer movement"),
        ("large_movement", r"large movement"),
        ("posture", r"posture (?:supine|prone|left|right|lying|upright|walking|unknown)"),
        ("rhythm", r"rhythm (?:foot tremor|alma|high frequency|rhythm|scratch)"),
        ("artifact", r"(?:(?:movement|eeg|emg|signal) )?art[ei]fa[ck]te?s?"),
    )
)
_PLM = re.compile(
    rf"plms?{_SIDE}|periodic (?:limb|leg) movements?{_SIDE}|periodische beinbewegung(?:en)?{_SIDE}"
    rf"|mouvements? periodiques? (?:de |des )?jambes?{_SIDE}"
)
_LONGEST_TEXT = 120
"""No event is named at greater length, and patterns should not search a novel."""
_LEFT = re.compile(r"\b(left|l|gauche|links)\b")
_RIGHT = re.compile(r"\b(right|r|droite|rechts)\b")
_LIMB_ROLES = ("leg", "arm", "trunk")


def kind_of_text(text: str) -> str | None:
    """Return the kind of event a text names; None for a text the table does not know.

    Case, accents and punctuation do not matter.  Of ``A|B`` (an NSRR concept) A counts, and of
    ``A@@channel`` too.

    Examples
    --------
    >>> kind_of_text("EEG arousal"), kind_of_text("APNEA-OBSTRUCTIVE"), kind_of_text("PLM")
    ('arousal', 'apnea', None)
    """
    plain = _plain(text)
    for kind, pattern in EVENT_PATTERNS:
        if pattern.fullmatch(plain):
            return kind
    return None


def says_plm(text: str) -> bool:
    """Return whether a text is "PLM", of any side: a movement, or the bar over a series.

    Examples
    --------
    >>> says_plm("PLM"), says_plm("Periodic leg movement - left|PLM (Left)"), says_plm("PLM-LM")
    (True, True, False)
    """
    return _PLM.fullmatch(_plain(text)) is not None


def site_of_text(text: str) -> Site:
    """Return the site of a scored movement: of its channel after ``@@``, else the side it names.

    A side without a limb is a leg: limb movements are scored in the legs unless a channel says
    otherwise.

    Examples
    --------
    >>> site_of_text("Limb movement@@EMG LAT").value, site_of_text("LM (right)").value
    ('left_leg', 'right_leg')
    """
    _, _, channel = text.partition("@@")
    if channel.strip():
        found = role_of_label(channel)
        return found.site if found.role in _LIMB_ROLES else Site.NONE
    plain = _plain(text)
    left, right = _LEFT.search(plain), _RIGHT.search(plain)
    if bool(left) == bool(right):
        return Site.NONE
    return Site.LEFT_LEG if left else Site.RIGHT_LEG


def _plain(text: str) -> str:
    """Return what names the event, in lower case, without accents, with single blanks."""
    named = re.split(r"@@|\|", text, maxsplit=1)[0]
    # A scorer who writes "arousal?" is not sure, and neither are we.
    if len(named) > _LONGEST_TEXT or "?" in named:
        return ""
    parts = unicodedata.normalize("NFKD", named.casefold())
    letters = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", letters))
