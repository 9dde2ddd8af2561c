"""A commented template of a clinical context, and its JSON schema."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psgkit.errors import SettingsError
from psgkit.io.new_files import write_once
from psgkit.profile.context.fields import fields_in_file, is_required
from psgkit.profile.context.model import Context
from psgkit.profile.context.read import DAY_PATTERN, is_listed, section_class

_HEAD = """\
# Clinical context of one person, for psgkit.
#
# Every field may be left out: what is left out is unknown, never "no".  Take away the "# " in front
# of what you know.  true, false, and for questions also "partly"; numbers; "texts"; dates as
# 2024-03-31, or days counted from any day 0 as "day 14" (not both, unless day_0 has the date).
# Tables in [[ ]] may be repeated.  No names, no dates of birth: reports carry no patient data.
"""
_WIDTH = 36


def context_template() -> str:
    """Return a file with every field and an example, all commented out.

    Examples
    --------
    >>> "# relief = " in context_template()
    True
    """
    return "\n".join([_HEAD, *_lines()]) + "\n"


def write_template(path: Path) -> None:
    """Write a new template.

    Raises
    ------
    SettingsError
        If there is such a file already, or it cannot be written.
    """
    try:
        write_once(path, context_template().encode("utf-8"))
    except FileExistsError:
        wanted = "a name that is not taken: nothing is overwritten"
        raise SettingsError(path.name, "a file that exists", wanted) from None
    except (OSError, ValueError) as error:
        found = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SettingsError(path.name, found.lower(), "a place to write to") from error


def context_schema() -> dict[str, Any]:
    """Return the JSON schema of a context file, as plain data.

    A file may also write one table where the schema has an array of them.

    Examples
    --------
    >>> "drugs" in context_schema()["properties"]
    True
    """
    from pydantic import TypeAdapter

    schema = TypeAdapter(Context).json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for one in (schema, *schema["$defs"].values()):
        # the reader refuses a field that does not exist
        one["additionalProperties"] = False
        for choice in [field.get("anyOf", []) for field in one["properties"].values()]:
            if {"type": "integer"} in choice and {"format": "date", "type": "string"} in choice:
                choice.insert(1, {"type": "string", "pattern": DAY_PATTERN})
    return schema


def _lines() -> Iterator[str]:
    sections = []
    for name, one in fields_in_file(Context).items():
        if section_class(name) is None:
            yield _field(name, one.metadata)
        else:
            sections.append((name, one.metadata["description"]))
    for name, question in sections:
        yield ""
        yield f"# {question}"
        yield f"# [[{name}]]" if is_listed(name) else f"# [{name}]"
        for field_name, one in fields_in_file(section_class(name) or Context).items():
            needed = "; needed" if is_required(one) else ""
            yield _field(field_name, one.metadata, needed)


def _field(name: str, metadata: Any, needed: str = "") -> str:  # noqa: ANN401 - a mapping proxy
    (example,) = metadata["examples"]
    is_date = name == "day_0"
    shown = example if is_date else json.dumps(example)
    return f"{f'# {name} = {shown}':<{_WIDTH}}  # {metadata['description']}{needed}"
