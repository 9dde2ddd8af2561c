"""``psgkit batch``: many nights, on this machine or on many, resumed where they were left."""

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psgkit.cli.options import (
    Restage,
    RulesName,
    SettingsFile,
    StageBy,
    StageCodesText,
    codes_of,
    say,
    settings_of,
    with_staging,
)
from psgkit.core.regex import regex
from psgkit.errors import STOPPED, SettingsError

if TYPE_CHECKING:
    from psgkit.cohort.plan.plan import Again
    from psgkit.cohort.run.batch import BatchRequest, BatchResult, WorkerChoice
    from psgkit.cohort.run.scheduler_access import SchedulerAccess

SOME_FAILED = 4
_SIZE = regex(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
_MOST_NAMED_N = 10

EPILOG = """
On several machines, which see the source and DIR under the same paths (a shared folder):

\b
  once            openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj /CN=batch \\
                      -keyout key.pem -out cert.pem
  first machine   dask scheduler --protocol tls --host 192.168.1.10 \\
                      --no-dashboard --dashboard-address 127.0.0.1:0 \\
                      --tls-ca-file cert.pem --tls-cert cert.pem --tls-key key.pem
  every machine   dask worker tls://192.168.1.10:8786 --nworkers 8 --nthreads 1 \\
                      --memory-limit 2GB --dashboard-address 127.0.0.1:0 \\
                      --tls-ca-file cert.pem --tls-cert cert.pem --tls-key key.pem
  first machine   psgkit batch /data/nights --out /data/cohort \\
                      --scheduler tls://192.168.1.10:8786 \\
                      --tls-ca cert.pem --tls-cert cert.pem --tls-key key.pem

Anyone who can read key.pem can run programs in your name on all these machines. A tcp:// scheduler,
which has no TLS, is refused on another machine without --insecure: all on its network could.

With Slurm, by dask-jobqueue, in Python; then psgkit batch ... --scheduler with the address printed:

\b
  from dask_jobqueue import SLURMCluster
  from distributed import Security
  files = {f"tls_{who}_{file}": f"/home/me/{file}.pem"
           for who in ("client", "scheduler", "worker") for file in ("cert", "key")}
  tls = Security(require_encryption=True, tls_ca_file="/home/me/cert.pem", **files)
  nodes = SLURMCluster(cores=32, processes=32, memory="64GB", walltime="08:00:00",
                       protocol="tls://", security=tls)
  nodes.scale(jobs=4); print(nodes.scheduler_address); input("Enter ends them")

With Slurm, Snakemake or Nextflow, without dask; the last call makes the tables:

\b
  sbatch --array=1-50 --wrap 'psgkit batch /data/nights --out /data/cohort \\
      --shard $SLURM_ARRAY_TASK_ID/50'
  psgkit batch /data/nights --out /data/cohort

A call does what is missing or has changed: files, settings, version. Exit codes: 0 all done; 2 bad
usage or settings; 3 the input cannot be used, or nothing can be written; 4 some nights failed; 130
stopped, and the same call goes on.
"""


def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="Folder, 'pattern', BIDS data set, or manifest (CSV, TSV)."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Write the results here.")],
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", help="Processes here; 1 starts none. Default: the cores."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Use the workers of a dask scheduler.")
    ] = None,
    tls_ca: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Certificate of the authority of the scheduler (PEM)."),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate shown to the scheduler.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Private key of that certificate.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Allow a scheduler without TLS on another machine.")
    ] = False,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Do part I of N alone (from 1).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try nights that failed before once more.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Do all nights anew.")] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Compare earlier results byte by byte, not by size alone."),
    ] = False,
    purge: Annotated[
        bool,
        typer.Option("--purge", help="Delete nights that the source no longer holds."),
    ] = False,
    memory_limit: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Memory a process may have, such as 2GB.")
    ] = None,
    rules: RulesName = None,
    settings: SettingsFile = None,
    tz: Annotated[
        str | None,
        typer.Option("--tz", metavar="ZONE", help="Where recordings of days were worn."),
    ] = None,
    days_settings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Of recordings of days, as psgkit days takes them."),
    ] = None,
    channels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Channel map (TOML) of nights that name none."),
    ] = None,
    stage_codes: StageCodesText = None,
    stage: StageBy = None,
    restage: Restage = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write a PDF of each night, too.")] = False,
    keep_trace: Annotated[
        bool,
        typer.Option("--keep-trace", help="Write trace.npz of each night, too: signals measured."),
    ] = False,
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="Show names of files in the outputs.")
    ] = False,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append what happens, as JSON lines.")
    ] = None,
) -> None:
    """Report many nights, each once, whatever happens meanwhile.

    A manifest has a column recording, and may have hypnogram, events, context, channels, subject,
    session, run, lights_off, lights_on and stage_codes; other columns are carried through.  Without
    a subject a night is called by a hash: names of files may be those of patients, and are shown on
    the terminal alone.  Files that lie beside a recording and share its name are used.

    A recording of days (EDF, GT3X, AGD, AWD, MTN, CWA, BIN or a table of counts, a day or longer)
    is reported as by psgkit days. In a manifest it may have protocol (days), tz, diary, markers,
    clock, dates and count_scale; in a folder week_diary.csv beside week.csv is its diary.

    \b
    Examples:
      psgkit batch nights --out cohort
      psgkit batch manifest.csv --out cohort --dry-run
      psgkit batch weeks --out cohort --tz Europe/Berlin --days-settings days.toml
      psgkit batch 'nights/*/psg.edf' --out cohort --jobs 4 --memory-limit 2GB
      psgkit batch bids --out cohort --retry-failed --log run.jsonl
      psgkit batch manifest.csv --out cohort --shard 3/50
      psgkit batch manifest.csv --out cohort --scheduler tls://192.168.1.10:8786 \
          --tls-ca cert.pem --tls-cert cert.pem --tls-key key.pem
    """
    from psgkit.cohort.run.batch import BatchRequest
    from psgkit.days.settings import read_days_settings

    request = BatchRequest(
        source=source,
        out=out,
        settings=with_staging(settings_of(settings, rules), stage, restage=restage),
        days_settings=read_days_settings(days_settings),
        zone=tz or "",
        channels=channels,
        stage_codes=codes_of(stage_codes),
        again=_again(force=force, retry_failed=retry_failed),
        keep_names=keep_names,
        pdf=pdf,
        keep_trace=keep_trace,
        shard=_shard_of(shard),
        verify=verify,
        purge=purge,
    )
    access = _access(scheduler, tls_ca, tls_cert, tls_key, insecure=insecure)
    choice = _worker_choice(jobs, access, memory_limit, shard=shard is not None)
    if dry_run:
        from psgkit.cli.batch.dry_run import show_dry_run

        show_dry_run(request, choice)
        return
    result = _watched(request, choice, log)
    sys.stdout.write(_summary(result, request))
    if result.was_stopped:
        raise typer.Exit(STOPPED)
    if result.states["failed"] or result.states["set_aside"]:
        raise typer.Exit(SOME_FAILED)


def _watched(request: "BatchRequest", choice: "WorkerChoice", log: Path | None) -> "BatchResult":
    """Run the batch with a bar and a log; make its tables."""
    from contextlib import ExitStack

    from psgkit.cli.batch.observers import RunLog, TerminalObserver, stopping_on_signals
    from psgkit.cohort.run.batch import run_batch
    from psgkit.cohort.run.engine import Stop
    from psgkit.cohort.tables.merge import refresh_tables

    with ExitStack() as opened:
        run_log = opened.enter_context(RunLog(log)) if log is not None else None
        watch = opened.enter_context(TerminalObserver(run_log))
        stop = Stop()
        try:
            with stopping_on_signals(stop, watch):
                result = run_batch(request, choice, watch, stop)
        except KeyboardInterrupt:
            say(f"psgkit: stopped at once; go on with: {_same_call()}")
            if run_log is not None:
                run_log.write("stopped_at_once")
            raise typer.Exit(STOPPED) from None
        if run_log is not None:
            run_log.write("end", was_stopped=result.was_stopped, **result.states)
        if not result.was_stopped and request.shard is None:
            refresh_tables(request.out, verify=request.verify)
    return result


def _summary(result: "BatchResult", request: "BatchRequest") -> str:
    """Return how a batch stands, in a few lines."""
    states = result.states
    named = {"done": "done", "failed": "failed", "set_aside": "set aside", "pending": "left"}
    counted = ", ".join(f"{states[key]} {word}" for key, word in named.items() if states[key])
    nights_n = sum(states.values())
    lines = [f"{nights_n} night{'s' * (nights_n != 1)}: {counted or 'none in this shard'}"]
    lines += _failures(result, request)
    lines += _copies(result)
    if result.was_stopped:
        lines.append(f"go on with: {_same_call()}")
    elif states["failed"] or states["set_aside"]:
        lines.append("--retry-failed tries them once more")
    if states["done"] and request.shard is None:
        out = str(request.out)
        lines.append(f"a page a night is in {Path(out, 'nights')}; for all of them together:")
        lines.append("  " + shlex.join(["psgkit", "cohort", out]))
    return "\n".join(lines) + "\n"


def _failures(result: "BatchResult", request: "BatchRequest") -> list[str]:
    """Return the first failures and how many more there are."""
    from psgkit.document.outside_text import visible

    named = result.failures[:_MOST_NAMED_N]
    lines = [visible(f"  {row.as_called(result.names)}") for row in named]
    more = len(result.failures) - len(named)
    without = " once the call without --shard has made it" if request.shard else ""
    return [*lines, f"  and {more} more, see nights.csv{without}"] if more > 0 else lines


def _copies(result: "BatchResult") -> list[str]:
    """Return which recordings were left out because another has the same content."""
    from psgkit.document.outside_text import visible

    named = result.copies[:_MOST_NAMED_N]
    lines = [visible(f"  left out, a copy: {copy}") for copy in named]
    more = len(result.copies) - len(named)
    return [*lines, f"  and {more} more copies, see --dry-run"] if more > 0 else lines


def _same_call() -> str:
    return shlex.join(["psgkit", *sys.argv[1:]])


def _again(*, force: bool, retry_failed: bool) -> "Again":
    if force and retry_failed:
        raise SettingsError("batch", "--force and --retry-failed", "one of them")
    return "all" if force else "failed" if retry_failed else "missing"


def _shard_of(text: str | None) -> tuple[int, int] | None:
    """Return the part and the number of parts that were typed."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise SettingsError("--shard", repr(text), "I/N with I from 1 to N, such as 3/50")
    return int(found[1]), int(found[2])


def _access(
    scheduler: str | None,
    ca: Path | None,
    cert: Path | None,
    key: Path | None,
    *,
    insecure: bool,
) -> "SchedulerAccess | None":
    from psgkit.cohort.run.scheduler_access import scheduler_access

    files = {"ca": ca, "cert": cert, "key": key}
    if scheduler is not None:
        return scheduler_access(scheduler, files, insecure=insecure)
    if insecure or any(files.values()):
        raise SettingsError("batch", "--tls-... or --insecure", "--scheduler ADDRESS with it")
    return None


def _worker_choice(
    jobs: int | None, access: "SchedulerAccess | None", memory_limit: str | None, *, shard: bool
) -> "WorkerChoice":
    from psgkit.cohort.run.batch import WorkerChoice, usual_jobs

    if jobs is not None and jobs < 1:
        raise SettingsError("--jobs", str(jobs), "1 or more")
    if access is not None and (jobs is not None or memory_limit is not None):
        raise SettingsError(
            "--scheduler", "--jobs or --memory-limit with it", "these where the workers are started"
        )
    usual = 1 if shard else usual_jobs()
    return WorkerChoice(
        jobs=jobs if jobs is not None else usual,
        scheduler=access,
        memory_limit=None if memory_limit is None else bytes_of(memory_limit),
    )


def bytes_of(text: str) -> int:
    """Return the bytes in a size that was typed.

    Examples
    --------
    >>> bytes_of("1GB"), bytes_of("1.5 GiB"), bytes_of("300M")
    (1000000000, 1610612736, 300000000)
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise SettingsError("--memory-limit", repr(text), "a size such as 2GB or 500MB")
    power = " KMGT".index(found[2].upper() or " ")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** power)
