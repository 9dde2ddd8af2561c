"""The answer that a context file gives without a recording, as a short page for the terminal."""

from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.read import ContextFile
from psgkit.report.night.answer import voices
from psgkit.report.page_model import ANSWER, Page, Section, Warned
from psgkit.report.words.language import _


def answer_page(file: ContextFile) -> Page:
    """Return the page with the answer that a context file gives, short enough for a terminal.

    Examples
    --------
    >>> from psgkit.profile.context.model import Context
    >>> page = answer_page(ContextFile(source="subject.toml", context=Context()))
    >>> [section.key for section in page.sections], page.cautions
    (['answer'], ())
    """
    profile = answer_of_context(file.context)
    cautions = [Warned(severity="warning", message=said, advice="") for said in profile.cautions]
    return Page(
        title=_("psgkit context"),
        subtitle=_("{file}: evidence only, never a diagnosis (more: --full)", file=file.source),
        banners=(),
        headline=(),
        sections=(Section(key=ANSWER, title="", parts=(voices(profile),)),),
        disclaimer="",
        cautions=tuple(cautions),
    )
