"""Read XML without entities, without a document type, and of a limited size."""

import io
from xml.etree.ElementTree import Element, ParseError

from psgkit.core.regex import regex
from psgkit.errors import InputFileError

MOST_XML_CHARACTERS = 16 * 2**20
"""A night with every event of every sensor is a few MB."""
MOST_ELEMENTS_N = 300_000
"""A night with ten thousand events has 100,000."""
DEEPEST_N = 50
"""The formats nest five deep."""
WANTED = "the XML of a scoring program"

ROOT = r"\A[\ufeff\s]*+(?>(?:<\?.*?\?>|<!--.*?-->)\s*)*+<(?:[\w.-]+:)?"
"""Pattern (with ``re.DOTALL``) of all that comes before the name of the root element."""
_DECLARATION = regex(r"<\?xml[^<>]{0,200}\?>")


def is_xml(head: str) -> bool:
    """Return whether a text begins like XML."""
    return head.lstrip("\ufeff \t\r\n").startswith("<")


def parsed_xml(text: str, where: str) -> Element:
    """Return the root of a document, with namespaces taken off the tags.

    Examples
    --------
    >>> parsed_xml("<a><b>1</b></a>", "night.xml").findtext("b")
    '1'

    Raises
    ------
    InputFileError
        If it is not well formed, too large, or declares entities or a document type.
    """
    from defusedxml.common import DefusedXmlException

    if len(text) > MOST_XML_CHARACTERS:
        found = f"XML of more than {MOST_XML_CHARACTERS // 2**20} MB"
        raise InputFileError(where, found, WANTED)
    # the text is decoded: what the declaration says about the encoding no longer holds
    body = text.lstrip("\ufeff \t\r\n")
    declared = _DECLARATION.match(body)
    body = body[declared.end() :] if declared else body
    try:
        root = _root(body, where)
    except DefusedXmlException:
        found = "XML with a document type or entities, which may be an attack"
        raise InputFileError(where, found, f"{WANTED}, which needs none") from None
    except (ParseError, ValueError, LookupError) as error:
        # LookupError: an unknown encoding, in a declaration that the pattern did not take off
        raise InputFileError(where, f"XML that is not well formed ({error})", WANTED) from None
    if root is None:
        raise InputFileError(where, "XML without an element", WANTED)
    return root


def _root(body: str, where: str) -> Element | None:
    """Return the root element; raise ``InputFileError`` as soon as the tree grows too large."""
    from defusedxml.ElementTree import iterparse

    root: Element | None = None
    depth = elements_n = 0
    source = io.BytesIO(body.encode("utf-8", errors="replace"))
    for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
        if event == "end":
            depth -= 1
            continue
        root = element if root is None else root
        element.tag = str(element.tag).rpartition("}")[2]
        depth, elements_n = depth + 1, elements_n + 1
        if elements_n > MOST_ELEMENTS_N:
            raise InputFileError(where, f"XML of more than {MOST_ELEMENTS_N} elements", WANTED)
        if depth > DEEPEST_N:
            raise InputFileError(where, f"XML nested more than {DEEPEST_N} deep", WANTED)
    return root


def text_of(element: Element, *names: str) -> str:
    """Return the stripped text of the first child that has one of ``names``; empty if none has.

    Examples
    --------
    >>> text_of(parsed_xml("<a><c> x </c></a>", "f"), "b", "c")
    'x'
    """
    for name in names:
        found = element.findtext(name)
        if found is not None:
            return found.strip()
    return ""
