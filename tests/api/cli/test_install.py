"""The wheel: it carries what the command needs, and works in an empty folder.

`deploy/try_install.sh` installs it with pipx and uv, libraries included; this needs no network.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.servers import answers_when_it_says_so

ROOT = Path(__file__).resolve().parents[3]


def usual_env(home: Path) -> dict[str, str]:
    """An environment that knows nothing of this clone; a process computes in one thread."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "OMP_NUM_THREADS": "1"}


def done(*words: str | Path, cwd: Path = ROOT, **env: str) -> str:
    """What a command prints."""
    ran = subprocess.run(
        [*map(str, words)],
        cwd=cwd,
        env=usual_env(cwd) | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec("setuptools") is None or find_spec("pip") is None:
        pytest.skip("pip and setuptools are not installed, so that no wheel can be built")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = done("git", "ls-files", "-z", "matcher", "models", "training", "api", "examples")
    names = [*filter(None, listed.split("\0"))]
    names += ["pyproject.toml", "README.md", "LICENSE", "NOTICE"]
    for name in names:
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        file = ROOT / name
        if file.is_symlink():
            target.symlink_to(file.readlink())
        else:
            target.write_bytes(file.read_bytes())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    done(*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_product_and_its_example_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"matcher", "models", "training", "api"}
    examples = {path.name for path in (ROOT / "examples").iterdir()}
    assert {f"api/cli/example/{name}" for name in examples} <= set(names)
    kept = (path.parent for path in (ROOT / "models" / "bundles").glob("*/bundle.json"))
    bundles = [path for folder in kept for path in folder.iterdir() if path.is_file()]
    assert {str(path.relative_to(ROOT)) for path in bundles} <= set(names)
    for folder in ("templates", "static"):
        own = {path.name for path in (ROOT / "api" / "pages" / folder).iterdir()}
        assert {f"api/pages/{folder}/{name}" for name in own} <= set(names)


def test_the_demo_builds_and_serves_the_example_in_an_empty_folder(
    wheel: Path, tmp_path: Path, cache: Path
) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    base = tmp_path / "venv"
    python = base / "bin" / "python"
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(base), "platbase": str(base)}))
    zipfile.ZipFile(wheel).extractall(packages)
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    matcher = [python, "-m", "api.cli.main"]
    assert done(*matcher, "--version", cwd=empty).startswith("matcher 0.")
    where = done(python, "-c", "import api; print(api.__file__)", cwd=empty).strip()
    assert Path(where).is_relative_to(packages)
    demo = [*matcher, "demo", "--port", "0", "--no-browser", "--register", "r"]
    env = usual_env(empty) | {"LBD_CACHE": str(cache)}
    log = answers_when_it_says_so(demo, empty / "log", env)
    (told,) = re.findall(r"matcher (shortlist .*)", log)
    said = done(*matcher, *told.split(), "-k", "5", cwd=empty)
    assert "Hesslow Wheels" in said
