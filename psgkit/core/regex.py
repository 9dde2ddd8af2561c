"""Regular expressions that are compiled when they are first used, not when a module is imported.

A report needs few of the hundred and seventy of all readers; compiling the others took a tenth of
its start.
"""

import re
from typing import TYPE_CHECKING, Any

__all__ = ["regex"]

if TYPE_CHECKING:
    from re import compile as regex  # what checkers know
else:

    class regex:  # noqa: N801 - called like ``re.compile``
        """What ``re.compile`` gives for the same arguments, compiled at its first use.

        Examples
        --------
        >>> regex("[0-9]+").findall("12 and 30")
        ['12', '30']
        """

        def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
            self.pattern, self._given = pattern, flags

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401
            """Return the method of the compiled pattern, and keep it for the next call."""
            if name.startswith("_"):
                raise AttributeError(name)
            value = getattr(re.compile(self.pattern, self._given), name)
            setattr(self, name, value)
            return value
