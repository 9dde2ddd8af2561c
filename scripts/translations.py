"""Collect the texts of reports and bring the catalogues of all languages up to date.

    python scripts/translations.py

writes ``psgkit/locale/psgkit.pot`` from the code (texts of findings and reasons, marked by
``translatable``, have ``{0}``, ``{1}`` for their fields), adds new texts to every ``psgkit.po``
without a translation, removes those that the code no longer has, and compiles each to
``psgkit.mo``. Another language begins as an empty folder ``psgkit/locale/CODE``.
"""

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from psgkit.core.index_catalogue import translatable_texts
from psgkit.core.message import FIELD_WORDS
from psgkit.io.channels.role_rules import LABEL_RULES
from psgkit.io.new_files import new_file
from psgkit.profile.answer.matrix import matrix_texts
from psgkit.profile.context.causes import CAUSE_WORDS
from psgkit.profile.context.drug_classes import drug_notes
from psgkit.profile.context.drug_effects import drug_effect_texts
from psgkit.profile.evidence.families import FAMILY_WORDS
from psgkit.profile.evidence.items import all_evidence, evidence_texts
from psgkit.report.words.language import MESSAGE
from psgkit.review.page_texts import marked_texts

PACKAGE = Path(__file__).resolve().parents[1] / "psgkit"
LOCALE = PACKAGE / "locale"
TEMPLATE = LOCALE / "psgkit.pot"
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""Catalogues change only where texts do."""
_HEAD = "# Texts of the reports of psgkit; made by scripts/translations.py."


def collected() -> Catalog:
    """Return the catalogue of all texts that the code marks, without translations."""
    catalog = Catalog(
        project="psgkit",
        version="1",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        header_comment=_HEAD,
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        fuzzy=False,
    )
    for path in sorted(PACKAGE.rglob("*.py")):
        for context, message in _in_python(path.read_text(encoding="utf-8")):
            catalog.add(message, context=context)
    for label in (*translatable_texts(), *marked_texts()):
        catalog.add(label)
    supplies = (need.words for need in all_evidence().needs.values())
    rules = (rule.text for rule in LABEL_RULES)
    profile = (*FAMILY_WORDS.values(), *CAUSE_WORDS.values(), *evidence_texts(), *matrix_texts())
    drugs = (*drug_effect_texts(), *drug_notes())
    for text in (*FIELD_WORDS, *rules, *supplies, *profile, *drugs):
        catalog.add(text, context=MESSAGE)
    for path in sorted(PACKAGE.rglob("*.html")):
        parsed = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        for _line, _function, found in extract_from_ast(parsed, ("_",)):
            message = found[0] if isinstance(found, tuple) else found
            if message:
                catalog.add(message)
    for text in catalog:
        text.flags.clear()  # "95 %" is no format of Python
    return catalog


def _in_python(source: str) -> Iterator[tuple[str | None, str | tuple[str, str]]]:
    """Yield context and text, or context and both forms of a plural, of each marked text."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        if call.func.id == "translatable":
            yield MESSAGE, _template(call.args[0])
            continue
        texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
        texts = [one for one in texts if isinstance(one, str)]
        match call.func.id, texts:
            case ("_" | "marked", [message]) if message:
                yield None, message
            case "marked", [message, context]:
                yield context, message
            case "in_context", [context, message]:
                yield context, message
            case "plural", [one, many]:
                yield None, (one, many)


def _template(text: ast.expr) -> str:
    """Return a text with ``{0}``, ``{1}`` for the fields of an f-string, ``{}`` among them."""
    if isinstance(text, ast.Constant):
        return str(text.value).replace("{}", "{0}")
    if not isinstance(text, ast.JoinedStr):
        raise TypeError(f"line {text.lineno}: translatable() takes a text or an f-string")
    parts = (str(one.value) if isinstance(one, ast.Constant) else "{}" for one in text.values)
    first, *others = "".join(parts).split("{}")
    return first + "".join(f"{{{number}}}{part}" for number, part in enumerate(others))


def catalogue_of(folder: Path) -> Catalog:
    """Return the catalogue of a language; an empty one for a new folder."""
    path = folder / "LC_MESSAGES" / "psgkit.po"
    if not path.exists():
        return Catalog(locale=folder.name, project="psgkit", version="1", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=folder.name)


def languages() -> list[Path]:
    """Return the folders of languages."""
    return sorted(folder for folder in LOCALE.iterdir() if folder.is_dir())


def main() -> int:
    """Write template and catalogues; return 1 if a text of a language has no translation."""
    template = collected()
    with new_file(TEMPLATE) as part, part.open("xb") as file:
        write_po(file, template, sort_output=True, no_location=True, width=100)
    missing_n = 0
    for folder in languages():
        catalog = catalogue_of(folder)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.creation_date = catalog.revision_date = _NO_DATE
        catalog.header_comment = _HEAD
        (folder / "LC_MESSAGES").mkdir(exist_ok=True)
        po, mo = (folder / "LC_MESSAGES" / f"psgkit.{kind}" for kind in ("po", "mo"))
        with new_file(po) as part, part.open("xb") as file:
            write_po(file, catalog, sort_output=True, no_location=True, width=100)
        with new_file(mo) as part, part.open("xb") as file:
            write_mo(file, catalog)
        untranslated = [message.id for message in catalog if message.id and not message.string]
        missing_n += len(untranslated)
        print(f"{folder.name}: {len(catalog)} texts, {len(untranslated)} without a translation")
        for message in untranslated:
            print(f"  {message!r}")
    return 1 if missing_n else 0


if __name__ == "__main__":
    sys.exit(main())
