from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from matcher.geo.postcodes import LAYOUT, PACKAGE, PostcodeTable
from tests import readme
from tests.registers import calibrated

# A busy machine is no fault of the product, so no example has a deadline or is drawn too slowly.
settings.register_profile("product", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("product"), max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "product"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among the collected tests, neither now nor later: they live to the end.

    To look through them again and again took two fifths of the time of collecting.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


SLOW = (
    "api/cli/test_cluster.py",
    "api/cli/test_fetch.py",
    "api/cli/test_fetching_guide.py",
    "api/cli/test_install.py",
    "api/cli/test_killed_build.py",
    "api/cli/test_main.py",
    "api/cli/test_market.py",
    "api/cli/test_newcomer.py",
    "api/cli/test_place.py",
    "api/cli/test_replay.py",
    "api/cli/test_serve.py",
    "api/cli/test_split.py",
    "api/cli/test_ten_minutes.py",
    "api/cli/test_train.py",
    "api/http/test_records_taken_away.py",
    "api/test_deploying.py",
    "api/test_mcp_server.py",
    "api/http/test_generated_client.py",
    "api/http/test_openapi.py",
    "api/http/test_protocol.py",
    "api/http/test_request_keys.py",
    "api/http/test_same_moment.py",
    "api/judging/test_app.py",
    "api/pages/test_browser.py",
    "api/records/test_backup.py",
    "api/records/test_forgery.py",
    "api/records/test_records.py",
    "api/signin/test_sign_in.py",
    "matcher/fetch/test_kill.py",
    "matcher/sources/documents/test_sandbox.py",
    "matcher/market/test_market.py",
    "matcher/place/test_picture.py",
    "matcher/register/build/test_payments.py",
    "matcher/register/build/test_two_months.py",
    "test_benchmarks.py",
    "test_default_bundle.py",
    "test_every_processor.py",
    "test_examples.py",
    "test_faults_benchmark.py",
    "test_lot_splitting_guide.py",
    "test_load_benchmark.py",
    "test_market_benchmark.py",
    "test_patterns.py",
    "test_readme.py",
    "test_service_benchmark.py",
    "test_service_stories.py",
    "test_splitting_stories.py",
    "test_stories.py",
    "training/learning/test_fine_tuning.py",
    "training/learning/test_leakage.py",
    "training/learning/test_people.py",
    "training/learning/test_train.py",
    "training/reports/test_comparison_report.py",
)
"""Files whose tests take seconds each: they drive servers, browsers, whole builds or training."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow files, and run them first: no process is left alone with one at the end."""
    slow = {path for path in {item.path for item in items} if path.as_posix().endswith(SLOW)}
    for item in items:
        if item.path in slow:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def _usual_width() -> None:
    """Tables are as wide as without a terminal, whatever the shell or the test runner says."""
    os.environ.pop("COLUMNS", None)


@pytest.fixture(scope="session", autouse=True)
def _processes_keep_what_they_compile() -> None:
    """Tests start many processes, each of which would compile every module anew otherwise."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_flushed() -> Iterator[None]:
    """No test cuts the power, and other processes read what is not on the disk yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` that `make` fills, filled once for all processes of a run."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, done = base / name, base / f"{name}.done"
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def places_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a compiled table of the postcodes that begin with B or W."""
    return _once(tmp_path_factory, "places", lambda folder: PostcodeTable.compile(folder, "BW"))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Path:
    """A cache folder that holds the small postcode table under the name of the whole one."""
    folder = tmp_path_factory.mktemp("cache")
    (folder / f"postcodes-{version(PACKAGE)}-{LAYOUT}").symlink_to(places_table)
    return folder


@pytest.fixture(scope="session")
def calibrated_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of hand-set weights whose scores mean probabilities; opened, never changed."""
    return calibrated(tmp_path_factory.mktemp("bundle") / "calibrated")


@pytest.fixture(scope="session")
def example_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The register of the fictional example, built as `make shortlist` builds it.

    It is asked and never changed: a service over it needs records elsewhere, or a copy.
    """
    return _once(tmp_path_factory, "example", readme.build)
