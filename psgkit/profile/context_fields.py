"""How one field of a clinical context is declared: what is asked, an example, its bounds.

One declaration serves the template, the JSON schema and the check of a file, so that the three
cannot differ.  The keys of the metadata are those pydantic takes from a dataclass field.
"""

from dataclasses import MISSING, Field, field, fields
from datetime import date
from typing import Any, Literal, TypeAlias

When: TypeAlias = date | int
"""A calendar date, or a day counted from the person's own day 0; a published case has no dates."""

Answer: TypeAlias = bool | Literal["partly"]
"""What was answered; a question that was not asked has no answer, which is not "no"."""

Site: TypeAlias = Literal["legs", "arms", "back", "other"]


def asked(question: str, example: Any, **limits: Any) -> Any:  # noqa: ANN401 - any field
    """Return a field that may be left out."""
    return field(default=None, metadata=_metadata(question, example, limits))


def required(question: str, example: Any, **limits: Any) -> Any:  # noqa: ANN401 - any field
    """Return a field without which its row says nothing."""
    return field(metadata=_metadata(question, example, limits))


def section(cls: type[Any], question: str) -> Any:  # noqa: ANN401 - any section
    """Return a table of the file, empty when left out."""
    return field(default_factory=cls, metadata={"description": question})


def rows(question: str) -> Any:  # noqa: ANN401 - any rows
    """Return a list of tables of the file, empty when left out."""
    return field(default=(), metadata={"description": question})


def name_in_file(one: "Field[Any]") -> str:
    """Return what a field is called in a file; ``global`` is no name in Python."""
    return str(one.metadata.get("alias", one.name))


def fields_in_file(cls: type[Any]) -> dict[str, "Field[Any]"]:
    """Return the fields of a section by the names they have in a file."""
    return {name_in_file(one): one for one in fields(cls)}


def is_required(one: "Field[Any]") -> bool:
    """Return whether a row without this field says nothing."""
    return one.default is MISSING and one.default_factory is MISSING


def _metadata(question: str, example: Any, limits: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    shown = example.isoformat() if isinstance(example, date) else example
    return {"description": question, "examples": [shown], **limits}
