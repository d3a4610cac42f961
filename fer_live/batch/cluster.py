"""Opens a Dask cluster: on this computer, by the address of a scheduler, or as jobs of SLURM."""

import importlib
import inspect
import logging
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from fer_live import __version__
from fer_live.core.errors import ConfigError
from fer_live.core.process import errors_only

LOCAL, SLURM, SCHEMES = "local", "slurm:", ("tcp://", "tls://")
"""What `--cluster` takes."""

RETRIES = 2
"""A task that ends with an error nobody foresaw is done again this often. One whose worker dies
goes to another worker; Dask gives it up when a fourth has died."""

POLL_S = 2.0
"""Longest time until a worker that joins gets work, seconds."""

FETCH_S = 60.0
"""Longest wait for a result, seconds. If its worker has died meanwhile it is computed again."""

TURN = threading.Lock()
"""A worker with several threads does one task at a time: the parts of a model are no more."""

_CONNECT_S = 10.0
"""Longest wait for the scheduler, seconds."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"}
"""Each worker is a process with one thread, so that N workers use N cores."""


@contextmanager
def open_cluster(
    where: str, workers: int, notify: Callable[[str], None] = lambda _: None
) -> Iterator[Any]:
    """A connected `distributed.Client`; ends what was started for it.

    Workers that this function starts, and that end, are replaced: a process that died, a job that
    reached its time limit.

    Args:
        where: ``local``, the address of a scheduler such as ``tcp://host:8786``, or
            ``slurm:FILE.toml``; see `slurm_cluster`.
        workers: Processes of a local cluster.
        notify: Receives sentences for the user, one with the address of the dashboard.

    Raises:
        ConfigError: The library is missing, the scheduler does not answer, its workers have
            another version of this program, or the file cannot be used.
    """
    distributed = _library("distributed")
    with ExitStack() as ends:
        # Importing Dask turns its messages on.
        ends.enter_context(errors_only("distributed"))
        if where == LOCAL:
            cluster = ends.enter_context(
                distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.ERROR,
                    env=_ONE_THREAD,
                )
            )
            cluster.adapt(minimum=workers, maximum=workers)
            address: Any = cluster
        elif where.startswith(SLURM):
            cluster, jobs = slurm_cluster(Path(where.removeprefix(SLURM)))
            address = ends.enter_context(cluster)
            cluster.adapt(minimum_jobs=jobs, maximum_jobs=jobs)
        elif where.startswith(SCHEMES):
            address = where
        else:
            raise ConfigError(
                f"{where} is no cluster.",
                "Give local, the address of a scheduler such as tcp://host:8786, or slurm:FILE.",
            )
        client = ends.enter_context(_connected(distributed, address, where))
        _check_versions(client)
        notify(f"The cluster's dashboard is {client.dashboard_link}")
        if not client.nthreads():
            notify("No worker has joined the cluster yet; the videos wait for the first.")
        yield client


def slurm_cluster(path: Path) -> tuple[Any, int]:
    """A `dask_jobqueue.SLURMCluster` that has no job yet, and how many jobs are wanted.

    Args:
        path: A TOML file. ``jobs`` is their number, at least 1; all other keys are those of
            `dask_jobqueue.SLURMCluster`: ``cores`` and ``memory`` of a job, ``queue``,
            ``account``, ``walltime``, ``job_extra_directives`` … Each core gets a worker of its
            own unless ``processes`` says otherwise.

    Raises:
        ConfigError: The library is missing, or the file cannot be used.
    """
    jobqueue = _library("dask_jobqueue")
    hint = "See the page on archives for an example."
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.", hint) from error
    except ValueError as error:
        raise ConfigError(f"{path} is no TOML file: {error}.", hint) from error
    jobs = values.pop("jobs", 1)
    if not isinstance(jobs, int) or isinstance(jobs, bool) or jobs < 1:
        raise ConfigError(f"jobs in {path} is no number of jobs: {jobs!r}.", hint)
    if missing := [key for key in ("cores", "memory") if key not in values]:
        raise ConfigError(f"{path} lacks {' and '.join(missing)}.", hint)
    if unknown := sorted(values.keys() - _parameters(jobqueue.SLURMCluster)):
        raise ConfigError(f"{path} cannot be used: there is no key {', '.join(unknown)}.", hint)
    values.setdefault("processes", values["cores"])
    threads = [f"export {name}={value}" for name, value in _ONE_THREAD.items()]
    values["job_script_prologue"] = [*threads, *values.get("job_script_prologue", ())]
    try:
        return jobqueue.SLURMCluster(**values), jobs
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{path} cannot be used: {error}.", hint) from error


def _parameters(cluster: Any) -> set[str]:
    """What a cluster of dask_jobqueue can be given; it finds a wrong key when it has begun."""
    classes = (*cluster.__mro__, *cluster.job_cls.__mro__)
    return {name for each in classes for name in inspect.signature(each.__init__).parameters}


def _connected(distributed: Any, address: Any, where: str) -> Any:
    try:
        return distributed.Client(address, timeout=_CONNECT_S)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The scheduler {where} does not answer.", "Check that it runs, and its address."
        ) from error


def _check_versions(client: Any) -> None:
    try:
        found = set(client.run(_version).values())
    except ModuleNotFoundError as error:
        raise ConfigError(
            "The workers of the cluster do not have fer_live.",
            f"Install fer-live[cluster]=={__version__} where they run.",
        ) from error
    if other := found - {__version__}:
        raise ConfigError(
            f"The workers have fer_live {', '.join(sorted(other))}, this computer {__version__}.",
            "Install the same version everywhere.",
        )


def _version() -> str:
    return __version__


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(
            f"--cluster needs the library {name.replace('_', '-')}, which is not installed.",
            'Install the optional part: pip install "fer-live[cluster]".',
        ) from error


def ignore_lost(client: Any, futures: list[Any]) -> None:
    """Cancels what is still running; raises nothing."""
    with suppress(Exception):
        client.cancel(futures, force=True)


def has_died(failure: BaseException) -> bool:
    """True if Dask gave a task up because its workers died."""
    return type(failure).__name__ == "KilledWorker"
