"""Libraries that only some commands need, and what to type when one is missing."""

from importlib.util import find_spec

from psgkit.errors import MissingExtraError

EXTRA_OF = {
    "actfast": "accel",
    "babel": "languages",
    "cryptography": "batch",
    "dask": "batch",
    "distributed": "batch",
    "mne": "mne",
    "pyarrow": "batch",
    "starlette": "review",
    "typst": "pdf",
    "uvicorn": "review",
    "yasa": "staging",
}
"""Extra of ``pyproject.toml`` by the library it brings."""
_USES = {
    "accel": "reading Axivity CWA and GENEActiv BIN files",
    "batch": "psgkit batch and psgkit cohort",
    "languages": "reports in another language than English",
    "mne": "reading BrainVision, FIF and other files with MNE, and exchange with MNE",
    "pdf": "writing a PDF",
    "review": "psgkit review",
    "staging": "estimating stages with YASA",
}


def require(library: str) -> None:
    """Raise ``MissingExtraError`` with the line to type if a library is not installed.

    Examples
    --------
    >>> require("json")
    """
    if find_spec(library) is None:
        raise missing(library)


def missing(library: str) -> MissingExtraError:
    """Return the error about a library that is not installed.

    Examples
    --------
    >>> print(missing("typst"))
    writing a PDF: found no typst, wanted the extra [pdf]. Type: pip install "psgkit[pdf]"
    """
    extra = EXTRA_OF[library]
    advice = f'Type: pip install "psgkit[{extra}]"'
    return MissingExtraError(_USES[extra], f"no {library}", f"the extra [{extra}]", advice)


def told(error: ModuleNotFoundError) -> Exception:
    """Return the error about a missing extra, or the error itself if the library is of none."""
    library = (error.name or "").partition(".")[0]
    return missing(library) if library in EXTRA_OF else error
