"""A crew of one: this process does the nights itself, one after the other."""

from psgkit.cohort.engine import Ended
from psgkit.cohort.night_work import NightTask, work_on


class Alone:
    """The crew of ``--jobs 1``: nothing is started, nothing is sent."""

    is_this_process = True

    def __init__(self) -> None:
        self._task: NightTask | None = None

    def has_room(self) -> bool:
        """Return whether no night waits to be done."""
        return self._task is None

    def begin(self, task: NightTask) -> None:
        """Keep the night until it is waited for."""
        self._task = task

    def wait(self, timeout_s: float) -> list[Ended]:  # noqa: ARG002 - a night takes what it takes
        """Do the night and return how it ended."""
        task, self._task = self._task, None
        if task is None:
            return []
        return [Ended(night_id=task.night.night_id, outcome=work_on(task))]
