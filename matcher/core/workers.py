"""Runs independent tasks in this process, in processes of this machine, or on a Dask cluster.

Results come in the order of the tasks, so the number of processes cannot change an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from matcher.core.errors import BadInput, MatcherError

Task = TypeVar("Task")
Result = TypeVar("Result")

MOST_PROCESSES = 256
ALL_CORES = -1
_CLUSTER = "dask://"
_CONNECT_SECONDS = 10
_NOT_OPENED = "un-serialize"
"""What joblib says where a process could not make its copy of what it was given."""
_config: ContextVar[dict[str, Any] | None] = ContextVar("where tasks run", default=None)


@contextmanager
def running_on(place: str | None) -> Iterator[None]:
    """Within the block, `in_order` runs tasks on `place`.

    `place` is a number of processes of this machine, `all` for one a core, or the address of a
    Dask scheduler as dask://HOST:PORT. None leaves the choice to each caller of `in_order`.
    Raises BadInput where it is none of these, or where no scheduler with workers answers.
    """
    if place is None:
        yield
    elif place.startswith(_CLUSTER):
        with _connected(place) as client:
            yield from _set({"backend": "dask", "client": client, "n_jobs": ALL_CORES})
    else:
        yield from _set({"n_jobs": _processes(place)})


def _set(config: dict[str, Any]) -> Iterator[None]:
    before = _config.set(config)
    try:
        yield
    finally:
        _config.reset(before)


def processes() -> int:
    """The number of tasks that run at the same time; 1 where no place was chosen."""
    config = _config.get() or {"n_jobs": 1}
    if "client" in config:
        threads: dict[str, int] = config["client"].nthreads()
        return max(1, sum(threads.values()))
    jobs: int = config["n_jobs"]
    if jobs == 1:
        return 1
    import joblib  # takes a moment; only several processes need it

    return int(joblib.effective_n_jobs(jobs))


def in_order(
    function: Callable[[Task], Result], tasks: Iterable[Task], default: int = 1
) -> Iterator[Result]:
    """The result of `function` for each task, in the order of the tasks, each as soon as it can be.

    `function` and the tasks must be picklable; a few tasks are made before they are asked for, and
    each process takes one at a time. `default` is the number of processes where `running_on` chose
    no place. Raises what `function` raises, and what making the tasks raises; and MatcherError
    where a process was ended, or could not open what it was given.
    """
    config = _config.get() or {"n_jobs": default}
    if config["n_jobs"] == 1:
        yield from map(function, tasks)
        return
    from concurrent.futures.process import BrokenProcessPool

    import joblib  # takes a moment; only several processes need it

    with joblib.parallel_config(**{k: v for k, v in config.items() if k != "n_jobs"}):
        run = joblib.Parallel(n_jobs=config["n_jobs"], return_as="generator", batch_size=1)
    try:
        yield from run(joblib.delayed(function)(task) for task in tasks)
    except BrokenProcessPool as error:
        raise MatcherError(_why_lost(error)) from error


def _why_lost(error: Exception) -> str:
    if _NOT_OPENED in str(error):
        return (
            "a process could not open what it was to read, which was removed or replaced "
            "meanwhile, as `matcher build` does with a register; run this again"
        )
    return (
        "one of several processes was ended, perhaps for want of memory; run this again, with "
        "fewer of them (--parallel 1)"
    )


def _processes(place: str) -> int:
    if place == "all":
        return ALL_CORES
    if not place.isdigit() or not 1 <= int(place) <= MOST_PROCESSES:
        raise BadInput(
            f"--parallel {place}: give a number of processes from 1 to {MOST_PROCESSES}, 'all' "
            "for one a core, or the address of a Dask scheduler, such as dask://10.0.0.5:8786"
        )
    return int(place)


@contextmanager
def _connected(place: str) -> Iterator[Any]:
    """A client of the scheduler at `place`, whose workers have this version of the product."""
    try:
        from distributed import Client
    except ModuleNotFoundError as missing:
        raise BadInput(
            f"--parallel {place}: needs the library Dask, which is not installed: run "
            "`pip install 'local-by-default[dask] @ git+REPOSITORY'`, as the README shows"
        ) from missing
    try:
        address = "tcp://" + place.removeprefix(_CLUSTER)
        client: Any = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise BadInput(
            f"--parallel {place}: no Dask scheduler answers there; start one with "
            "`dask scheduler`, and workers with `dask worker ADDRESS --nthreads 1`"
        ) from error
    with client:
        _check_workers(client, place)
        yield client


def _check_workers(client: Any, place: str) -> None:  # noqa: ANN401 - Dask has no types
    """Raise BadInput where there is no worker, or one lacks the product or its libraries."""
    if not client.nthreads():
        raise BadInput(
            f"--parallel {place}: the scheduler has no workers; start some with `dask worker "
            f"{place.removeprefix(_CLUSTER)} --nthreads 1`"
        )
    for worker, found in client.run(_libraries, on_error="return").items():
        if found != _libraries():
            raise BadInput(
                f"--parallel {place}: the worker {worker} has other libraries than this machine "
                f"({found}, here {_libraries()}); install the same versions on all of them"
            )


def _libraries() -> dict[str, str]:
    """The versions that decide an answer."""
    from importlib.metadata import version

    return {name: version(name) for name in ("local-by-default", "numpy")}
