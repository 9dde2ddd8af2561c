"""The errors psgkit raises for input it cannot use.

A bad argument of a function is a ``ValueError``.  Everything here is about a file, a night or
the settings; its message says which, what was found and what was wanted, and its ``exit_code``
is what the command line returns.
"""

STOPPED = 130
"""Exit code after SIGINT, as a shell reports it."""


class PsgkitError(Exception):
    """The input cannot be used."""

    exit_code = 3

    def __init__(self, where: str, found: str, wanted: str, advice: str = "") -> None:
        self.where = where
        self.found = found
        self.wanted = wanted
        self.advice = advice
        message = f"{where}: found {found}, wanted {wanted}."
        super().__init__(f"{message} {advice}" if advice else message)

    def __reduce__(self) -> tuple[type, tuple[str, str, str, str]]:
        """Survive the journey back from a worker process."""
        return type(self), (self.where, self.found, self.wanted, self.advice)


class InputFileError(PsgkitError):
    """A file is missing, unreadable or not of the kind that was asked for."""


class EdfFormatError(PsgkitError):
    """An EDF or BDF header cannot be trusted."""


class TableError(PsgkitError):
    """A table of events or stages has a wrong column, word or time."""


class HypnogramError(PsgkitError):
    """A hypnogram does not belong to the recording."""


class UnitError(PsgkitError):
    """A signal has no unit, or one that the rule cannot use."""


class MissingExtraError(PsgkitError):
    """A library that only some commands need is not installed."""

    exit_code = 2


class ReviewError(PsgkitError):
    """A change of a review, or a line of a review file, cannot be applied."""


class SettingsError(PsgkitError):
    """A setting, a rule name or a channel map is wrong."""

    exit_code = 2
