"""What shards of a batch did, joined into the one ledger of the whole."""

from pathlib import Path

from psgkit.cohort.ledger import Ledger, ledger_paths, reading
from psgkit.cohort.out_folder import only_run, sweep

WHOLE = "ledger"
"""Name of the ledger of a whole batch; those of shards begin with it."""


def take_over_shards(out: Path, ledger: Ledger) -> None:
    """Put what shards did into the one ledger, which from then on knows best."""
    mine = {row.night_id for row in ledger.rows()}
    done: set[str] = set()
    for path in ledger_paths(out):
        if path.stem == WHOLE:
            continue
        # a shard that is still at work is not to be taken from under its feet
        with only_run(out, path.stem):
            sweep(out, path.stem)
            with reading(path) as shard:
                # a shard began after the last call without one, so that it knows better; of
                # several that know a night (they were counted anew) one that has done it
                found = [row for row in shard.rows() if row.night_id not in done]
                rows = [row for row in found if row.state != "pending" or row.night_id not in mine]
                ledger.write(rows, shard.known_files())
            mine |= {row.night_id for row in rows}
            done |= {row.night_id for row in rows if row.state == "done"}
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
