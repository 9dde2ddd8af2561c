"""Findings: oddities of the input, and what was done about them."""

from typing import Literal

from psgkit.core.dataclass import dataclass

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity of the input.

    Attributes
    ----------
    severity : {"info", "warning", "error"}
        ``info``: worth knowing.  ``warning``: the result is affected.  ``error``: something could
        not be used at all.
    code : str
        Stable name for programs, such as ``edf.record_count``.
    where : str
        File, channel or field, with the byte offset where there is one.
    message : str
        What was found, what was wanted, and what was done.
    """

    severity: Severity
    code: str
    where: str
    message: str

    @property
    def says_simulated(self) -> bool:
        """Return whether it states that the recording is simulated.

        Examples
        --------
        >>> Finding("info", "edf.simulated", "night.edf", "simulated").says_simulated
        True
        """
        return "simulat" in self.code.lower()
