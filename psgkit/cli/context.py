"""``psgkit context``: the clinical context of a person: template, interview, form, check."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from psgkit.cli.options import Full, say
from psgkit.errors import SettingsError
from psgkit.io.new_files import write_once

_FORMS = ("pdf", "html")


def context(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Clinical context (TOML) to check.")
    ] = None,
    new: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a commented template here.")
    ] = None,
    ask: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Ask about 30 short questions, ten more on a suspected drug; answers go here.",
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Write a form of one page for a pen: pdf or html."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the form goes; else context-form.pdf or .html."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of a context file.")
    ] = False,
    full: Full = False,
) -> None:
    """Say what answers, drugs and blood speak for; check a file of what a recording cannot tell.

    Every field may be left out; what is left out is unknown, never "no".  Names and dates of birth
    are refused.  A template or a form is never written over a file that exists.  An interview
    saves every answer at once and goes on where it ended.

    \b
    Examples:
      psgkit context --ask subject.toml
      psgkit context --form pdf
      psgkit context --new subject.toml
      psgkit context subject.toml
      psgkit context subject.toml --full
      psgkit context --schema > context.schema.json
    """
    if sum((*(one is not None for one in (file, new, ask, form)), schema)) != 1:
        wanted = "one of FILE, --new FILE, --ask FILE, --form KIND and --schema"
        raise SettingsError("context", "none or several of them", wanted)
    if to is not None and form is None:
        raise SettingsError("--to", "no --form", "--form pdf or --form html beside it")
    if new is not None:
        from psgkit.profile.context.template import write_template

        write_template(new)
        say(f"wrote {new}")
    elif ask is not None:
        _interview(ask)
    elif form is not None:
        _write_form(form, to)
    elif schema:
        import json

        from psgkit.profile.context.template import context_schema

        sys.stdout.write(json.dumps(context_schema(), indent=2, ensure_ascii=False) + "\n")
    elif file is not None:
        sys.stdout.write(_summary(file, full=full))


def _summary(file: Path, *, full: bool) -> str:
    from psgkit.cli.options import printed_width
    from psgkit.profile.context.read import read_context
    from psgkit.report.context import context_page
    from psgkit.report.context_answer import answer_page
    from psgkit.report.terminal import page_as_text

    found = read_context(file)
    if not full:
        # with --full they are a section

        for one in found.findings:
            say(f"{one.severity}: {one.where}: {one.message}")
    page = context_page(found) if full else answer_page(found)
    return page_as_text(page, width=printed_width(), colour=sys.stdout.isatty())


def _interview(path: Path) -> None:
    """Ask what has no answer yet, once each, until the questions or the answers end."""
    from psgkit.profile.context.interview import answered, is_skipped, open_questions, questions
    from psgkit.profile.context.write import begun_context, write_context
    from psgkit.report.interview import closing, opening, prompt_of, refused

    given = begun_context(path)
    sys.stdout.write(f"{opening()}\n")
    skipped: set[tuple[str, str]] = set()
    while left := [one for one in open_questions(given) if (one.name, one.about) not in skipped]:
        question, every = left[0], list(questions(given))
        number = every.index(question) + 1
        sys.stdout.write(prompt_of(question, number, len(every)))
        sys.stdout.flush()
        line = sys.stdin.readline()
        said = line.strip()
        if not line or said.casefold() == "q":
            break
        if is_skipped(question, said):
            skipped.add((question.name, question.about))
            continue
        try:
            given = answered(given, question, said, path.name)
        except SettingsError as error:
            sys.stdout.write(f"{refused(str(error))}\n")
            continue
        write_context(given, path)
    if given:
        sys.stdout.write(f"\n{closing(len(open_questions(given)), path.name)}\n")


def _write_form(kind: str, to: Path | None) -> None:
    from psgkit.report.form import form_as_html, form_as_pdf

    if kind not in _FORMS:
        raise SettingsError("--form", repr(kind), f"one of {', '.join(_FORMS)}")
    path = to or Path(f"context-form.{kind}")
    content = form_as_pdf() if kind == "pdf" else form_as_html().encode("utf-8")
    try:
        write_once(path, content)
    except FileExistsError:
        wanted = "a name that is not taken: nothing is overwritten"
        raise SettingsError(path.name, "a file that exists", wanted, "Add --to FILE.") from None
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        raise SettingsError(path.name, found, "a place to write to") from error
    say(f"wrote {path}")
