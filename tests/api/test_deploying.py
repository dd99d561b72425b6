"""docs/deploying.md and the files in deploy/: they are complete and say what the software takes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from api.cli.main import app as command_line
from api.cli.serve import STOP_SECONDS
from api.http import protocol, queues
from api.service.asking import MOST_IN_LINES, MOST_SUGGESTIONS
from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
UNIT = (DEPLOY / "local-by-default.service").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def check_command(words: list[str]) -> None:
    """Every command and option of `matcher ...` exists."""
    command = get_command(command_line)
    for word in words:
        if word in getattr(command, "commands", {}):
            command = command.commands[word]  # type: ignore[attr-defined]
    assert not hasattr(command, "commands")
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known


def test_the_commands_in_the_guide_exist() -> None:
    commands = re.findall(r"\bbin/matcher (.+)|run --rm [^\n]*?service (.+)", GUIDE)
    assert len(commands) == 5
    for parts in commands:
        check_command("".join(parts).split())


def test_the_unit_starts_a_command_that_exists() -> None:
    _, _, command = UNIT.replace("\\\n", " ").partition("ExecStart=")
    check_command(command.partition("\n")[0].split()[1:])


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "local-by-default.service"
    unit.write_text(UNIT.replace("/opt/local-by-default/.venv/bin/matcher", sys.executable))
    checked = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert "local-by-default" not in checked.stderr, checked.stderr


def test_compose_names_what_it_uses() -> None:
    services = COMPOSE["services"]
    check_command(services["service"]["command"])
    for service in services.values():
        named = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert {name for name in named if "/" not in name} <= set(COMPOSE["volumes"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", ())) <= set(services)
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    (subnet,) = COMPOSE["networks"]["proxy"]["ipam"]["config"]
    assert f"--trust-proxy={subnet['subnet']}" in services["service"]["command"]


def test_the_image_is_of_files_that_exist_and_runs_without_rights() -> None:
    stages = re.split(r"(?m)^FROM ", DOCKERFILE)[1:]
    assert len(stages) == 2
    for sources in re.findall(r"(?m)^COPY ((?!--).*) \S+$", DOCKERFILE):
        assert all((ROOT / source).exists() for source in sources.split())
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    copied = re.findall(r"(?m)^COPY ((?!--).*) \S+$", DOCKERFILE)
    assert {source for sources in copied for source in sources.split()} == kept
    assert "--constraint requirements.txt" in stages[0]
    (user,) = re.findall(r"(?m)^USER (\d+)$", stages[1])
    assert f"--uid {user} " in stages[1]
    assert user != "0"
    assert "HEALTHCHECK" in stages[1]
    (command,) = re.findall(r'(?m)^CMD \["serve", (.*)\]$', stages[1])
    check_command(["serve", *re.findall(r'"([^"]*)"', command)])


@pytest.mark.parametrize(
    ("program", "file"), [("hadolint", "Dockerfile"), ("compose-lint", "compose.yaml")]
)
def test_a_linter_finds_nothing_wrong(program: str, file: str) -> None:
    own = ROOT / "build" / "tools" / "bin" / program
    found = shutil.which(program) or (str(own) if own.exists() else None)
    if found is None:
        pytest.skip(f"{program} is not installed; .ci/run installs it")
    checked = subprocess.run([found, DEPLOY / file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_caddy_gets_blocks_that_close() -> None:
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    depth = 0
    for line in text.splitlines():
        words = re.sub(r"\{\$[^}]*\}|#.*", "", line)
        depth += words.count("{") - words.count("}")
        assert depth >= 0
    assert depth == 0
    if shutil.which("caddy"):
        subprocess.run(["caddy", "validate", "--config", DEPLOY / "Caddyfile"], check=True)


def test_the_limits_in_the_guide_are_those_in_force() -> None:
    usual = Settings(Path("register"))
    for words in (
        f"{protocol.HEADER_BYTES // 1024} KB of headers",
        f"{protocol.HEADER_SECONDS:.0f} seconds for the headers, {queues.BODY_SECONDS:.0f} for",
        f"{usual.rankings} requests that rank and {usual.documents} documents",
        f"up to {usual.waiting} of each",
        f"{usual.most_bytes // 10**6} MB in one request",
        f"{MOST_SUGGESTIONS:,} suggestions in one answer, {MOST_IN_LINES:,} in lines",
        f"{usual.per_minute:,} requests a minute",
    ):
        assert words in GUIDE, words


@pytest.mark.slow
def test_the_guide_can_be_followed_in_an_empty_folder(tmp_path: Path, cache: Path) -> None:
    followed = subprocess.run(
        [DEPLOY / "try.sh", tmp_path / "machine"],
        env={
            "PATH": "/usr/bin:/bin",
            "LBD_PYTHON": sys.executable,
            "LBD_CACHE": str(cache),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert followed.returncode == 0, followed.stdout + followed.stderr
    assert "The guide was followed" in followed.stdout


def test_a_service_that_is_stopped_has_the_time_that_it_takes_at_most() -> None:
    (unit,) = re.findall(r"(?m)^TimeoutStopSec=(\d+)$", UNIT)
    assert int(unit) > STOP_SECONDS
    assert int(COMPOSE["services"]["service"]["stop_grace_period"].removesuffix("s")) > STOP_SECONDS
