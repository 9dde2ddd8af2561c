"""The answer that a context file gives without a recording, as a short page for the terminal."""

from dataclasses import replace

from psgkit.profile.answer.recorded import NO_RECORDING
from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.read import ContextFile
from psgkit.report.night.answer import voices
from psgkit.report.page_model import ANSWER, Page, Section, Warned
from psgkit.report.words.language import _
from psgkit.report.words.messages import sentence_in_words


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
    said = voices(profile)
    # the head says that nothing was recorded
    nothing = sentence_in_words(NO_RECORDING)
    shown = replace(said, rows=tuple(row for row in said.rows if row[1] != nothing))
    cautions = [
        Warned(severity="warning", message=sentence_in_words(said), advice="")
        for said in profile.cautions
    ]
    return Page(
        title=_("psgkit context"),
        subtitle=_("{file}, no recording: evidence, no diagnosis (--full)", file=file.source),
        banners=(),
        headline=(),
        sections=(Section(key=ANSWER, title="", parts=(shown,)),),
        disclaimer="",
        cautions=tuple(cautions),
    )
