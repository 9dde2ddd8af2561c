"""Form for the waiting room: the questions of a clinical context on one page, for a pen."""

from typing import Any

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.scales import NARANJO
from psgkit.report.interview import QUESTIONS, choice_in_words
from psgkit.report.page_model import Page
from psgkit.report.words.language import _
from psgkit.report.words.words import SITE_NAMES

SITES = ("legs", "arms", "back")
_ABOUT_A_PART = (
    *("urge", "rest", "lying", "relief", "pacing", "evening", "localised"),
    "inner_restlessness",
)
_SENSATIONS = ("itching", "burning", "crawling", "tingling", "pain", "ache")
_CONDITIONS = (
    *("neuropathy", "parkinsons_disease", "renal_disease", "radiculopathy", "adhd"),
    *("tardive_dyskinesia", "family_history", "pregnancy", "rash"),
)
_EMPTY_ROWS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """Everything printed on the form, in the language of the reader."""

    title: str
    intro: str
    sites: tuple[str, ...]
    answers: tuple[str, ...]
    questions: tuple[str, ...]
    feels: str
    sensations: tuple[str, ...]
    own_words: str
    other_causes: str
    judgements: tuple[str, ...]
    began: str
    drugs: str
    drug_head: tuple[str, ...]
    n_rows: int
    also: str
    conditions: tuple[str, ...]
    yes_no: tuple[str, ...]
    naranjo: str
    naranjo_questions: tuple[str, ...]
    foot: str


def form() -> Form:
    """Return the form.

    Examples
    --------
    >>> form().sites
    ('legs', 'arms', 'back', 'elsewhere')
    """
    return Form(
        title=_("Restlessness: questions before the visit"),
        intro=_(
            "Please tick one box for each question and each part of the body where you feel it. "
            "Leave out what you do not know. Please write no name and no date of birth."
        ),
        sites=(*(SITE_NAMES[site] for site in SITES), _("elsewhere")),
        answers=(_("yes"), _("no"), _("partly")),
        questions=tuple(QUESTIONS[name] for name in _ABOUT_A_PART),
        feels=_("What does it feel like?"),
        sensations=tuple(map(choice_in_words, _SENSATIONS)),
        own_words=_("In your own words, and where:"),
        other_causes=_(
            "Has a physician looked for another cause, such as cramps, swelling, arthritis, an "
            "uncomfortable position or a habit of tapping the feet?"
        ),
        judgements=(_("ruled out"), _("one of them explains it"), _("not looked at")),
        began=_("Since when?"),
        drugs=_("Medicines of the last three months, also those against the restlessness"),
        drug_head=(
            _("medicine"),
            _("mg a day"),
            _("since"),
            _("changed or stopped on"),
            _("the restlessness then: better, the same or worse, after how many days?"),
        ),
        n_rows=_EMPTY_ROWS,
        also=_("Do you have, or have you had?"),
        conditions=tuple(QUESTIONS[name] for name in _CONDITIONS),
        yes_no=(_("yes"), _("no")),
        naranjo=_("For the clinician: was it the drug? (Naranjo 1981) Drug:"),
        naranjo_questions=tuple(QUESTIONS[f"naranjo_{name}"] for name in NARANJO),
        foot=_(
            "For the clinician: enter the answers with psgkit context --ask. Criteria of the "
            "IRLSSG 2014; for arms and back they are not validated. This form makes no diagnosis."
        ),
    )


def form_as_pdf(paper: str = "a4") -> bytes:
    """Return the form as a PDF of one page.

    Examples
    --------
    >>> form_as_pdf()[:5]
    b'%PDF-'
    """
    from dataclasses import asdict

    from psgkit.core.lab import Letterhead
    from psgkit.report.pdf.typeset import typeset

    words: dict[str, Any] = asdict(form())
    page = Page(
        title=words["title"],
        subtitle="",
        banners=(),
        headline=(),
        sections=(),
        disclaimer=words["foot"],
        letterhead=Letterhead(paper="letter" if paper == "letter" else "a4"),
    )
    return typeset("form.typ", page, None, {"form": words})


def form_as_html() -> str:
    """Return the form as one HTML page that loads nothing.

    Examples
    --------
    >>> "<h1>" in form_as_html()
    True
    """
    from importlib.resources import files

    from jinja2 import Environment, StrictUndefined

    from psgkit.report.words.language import language

    text = files("psgkit.report.html").joinpath("form.html").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(text).render(form=form(), language=language()).strip() + "\n"
