"""How the server is started: what is safe is set, and what is wrong is said in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core.environment import Environment
from core.errors import ConfigError, DatasetError
from core.text import names
from scripts import environment, start
from scripts.pin import OF_TORCH

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[("NAMESMITH_MAX_TRAINING", text) for text in ("abc", "", "0", "-3", "1e3", "9" * 5000)],
        *[("NAMESMITH_GRACE_SECONDS", text) for text in ("1e99", "-1", "nan", "", "inf")],
        *[("NAMESMITH_PUBLIC", text) for text in ("yes", "", "2")],
        ("NAMESMITH_FRAME_ANCESTORS", "* ; script-src *"),
        ("NAMESMITH_HOSTS", "a b"),
        *[("NAMESMITH_PROXIES", text) for text in ("proxy", "10.0.0.1/8", "300.0.0.1")],
        *[("NAMESMITH_DASK", text) for text in ("host:8786", "tcp://", "tcp://a b")],
        *[(f"NAMESMITH_{name}", "a\nb") for name in ("STORE", "CACHE")],
    ],
)
def test_a_variable_that_cannot_be_is_refused_in_one_sentence(name: str, text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Environment.read({name: text})
    assert str(refused.value).startswith(f"{name} must be ")
    assert len(str(refused.value)) < 200


def test_without_variables_and_with_good_ones() -> None:
    assert Environment.read({}) == Environment()
    found = Environment.read(
        {
            "NAMESMITH_MAX_TRAINING": "8",
            "NAMESMITH_GRACE_SECONDS": "0.5",
            "NAMESMITH_PUBLIC": "1",
            "NAMESMITH_FRAME_ANCESTORS": "https://example.org https://*.example.org",
            "NAMESMITH_HOSTS": "Example.org, localhost",
        }
    )
    assert (found.max_training, found.grace_seconds, found.is_public) == (8, 0.5, True)
    assert found.hosts == ("example.org", "localhost")
    assert found.frame_ancestors == "https://example.org https://*.example.org"


@pytest.mark.parametrize("script", ["scripts/start.py", "-m streamlit run app.py"])
def test_a_bad_variable_ends_the_start_with_that_sentence(script: str) -> None:
    done = subprocess.run(
        [sys.executable, *script.split()],
        cwd=ROOT,
        env=os.environ | {"NAMESMITH_MAX_TRAINING": "abc"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "NAMESMITH_MAX_TRAINING must be a whole number from 1 to 10,000" in done.stderr


@pytest.mark.parametrize("content", [None, b"", b"anna\n", b"\xff\xfe\n"])
def test_names_that_cannot_be_read_are_said_so(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "names.txt"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(names, "NAMES_FILE", file)
    with pytest.raises(DatasetError, match="The embedded names") as refused:
        names._embedded_names.__wrapped__()
    assert str(file) in str(refused.value)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config.toml"
    monkeypatch.setattr(start, "CONFIG", file)
    for name in ("STREAMLIT_SERVER_ADDRESS", "STREAMLIT_BROWSER_GATHER_USAGE_STATS"):
        monkeypatch.delenv(name, raising=False)
    return file


@pytest.mark.parametrize("content", [None, "[server\naddress", "", "\x00"])
def test_damaged_settings_open_nothing_and_send_nothing(
    content: str | None, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        settings.write_text(content)
    assert start.safe([]) == ["--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
    if content != "":
        assert "can't be read" in capsys.readouterr().err


def test_what_somebody_set_is_left_as_it_is(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write_text('[server]\naddress = "::1"\n[browser]\ngatherUsageStats = false\n')
    assert start.safe([]) == []
    settings.write_text("")
    assert start.safe(["--server.address", "0.0.0.0"]) == ["--browser.gatherUsageStats=false"]
    monkeypatch.setenv("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")
    assert start.safe(["--server.address=0.0.0.0"]) == []


def test_a_file_in_the_place_of_the_virtual_environment_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, monkeypatch)
    (tmp_path / ".venv").write_text("")
    with pytest.raises(SystemExit, match="is a file, where a virtual environment belongs"):
        environment.ready_python("requirements.txt")


def test_missing_requirements_are_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, monkeypatch)
    (tmp_path / "requirements.txt").unlink()
    with pytest.raises(SystemExit, match=r"requirements\.txt is missing"):
        environment.ready_python("requirements.txt")


def test_an_environment_of_an_old_python_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, monkeypatch)
    old = tmp_path / ".venv" / "bin" / "python"
    old.parent.mkdir(parents=True)
    old.write_text("#!/bin/sh\necho 3 10\n")
    old.chmod(0o755)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer.*has 3\.10"):
        environment.ready_python("requirements.txt")


def test_a_project_that_may_not_be_written_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, monkeypatch)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(SystemExit, match="may not write there"):
        environment.ready_python("requirements.txt")


def test_an_environment_that_has_it_all_is_used_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, monkeypatch)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 3 13\n")
    python.chmod(0o755)
    monkeypatch.setattr(environment, "install", lambda *_: True)
    monkeypatch.setattr(environment, "is_whole", lambda _: True)
    assert environment.ready_python("requirements.txt") == str(python)
    monkeypatch.setattr(environment, "install", lambda *_: pytest.fail("installs again"))
    assert environment.ready_python("requirements.txt") == str(python)


@pytest.mark.parametrize("is_had", [True, False])
def test_a_start_goes_on_without_plotlys_small_script_and_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_had: bool,
) -> None:
    project(tmp_path, monkeypatch)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n[ $1 = -c ] && echo 3 13 || exit {int(not is_had)}\n")
    python.chmod(0o755)
    monkeypatch.setattr(environment, "install", lambda *_: True)
    monkeypatch.setattr(environment, "is_whole", lambda _: True)
    assert environment.ready_python("requirements.txt") == str(python)
    assert (environment.NO_SMALL_PLOTLY in capsys.readouterr().out) is not is_had


CPU = "--torch-backend=cpu"


@pytest.mark.parametrize(
    ("fails", "system", "tried", "installs", "said"),
    [
        ("--no-index", "linux", [CPU], f"uv {CPU}", ""),
        ("", "linux", [""], "uv ", ""),  # a build that is there already
        ("", "win32", [""], "uv ", ""),
        (f"--no-index {CPU}", "linux", [CPU, ""], "uv ", "3 GB to download"),
        (f"--no-index {CPU} --dry-run", "linux", [CPU, ""], "pip", "takes longer"),
        ("--quiet", "linux", [], "pip", ""),  # uv can't be had
    ],
)
def test_torch_comes_without_drivers_where_that_can_be_had(
    fails: str,
    system: str,
    tried: list[str],
    installs: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tries, installed = [], []

    def call(command: list[str], **_: object) -> int:
        backend = CPU if CPU in command else ""
        if "--dry-run" in command:
            tries.append(backend)
        elif "-r" in command:
            installed.append(f"uv {backend}" if "uv" in command else "pip")
        return int(any(word in command for word in fails.split()))

    monkeypatch.setattr(subprocess, "call", call)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(environment, "has_nvidia_driver", lambda: False)
    assert environment.install("python", "requirements.txt")
    assert (tries, installed) == (tried, [installs])
    assert said in capsys.readouterr().out


def test_a_machine_with_nvidias_driver_gets_the_build_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "has_nvidia_driver", lambda: True)
    assert environment.torch_backends(["pip"]) == [[]]


def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("requirements.txt", "constraints.txt"):
        (folder / name).write_text("")
    monkeypatch.setattr(environment, "ROOT", folder)
    monkeypatch.setattr(environment, "active_environment", lambda: None)


def test_every_package_that_the_pinned_ones_bring_is_pinned_too() -> None:
    """The names that `pip` would look for, by the metadata of what is installed here."""
    lines = [
        line.split("#")[0].strip()
        for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt")
        for line in (ROOT / name).read_text().splitlines()
    ]
    pinned = {canonicalize_name(line.split("==")[0]) for line in lines if "==" in line}
    needed, waiting = set[str](), list[str](pinned)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in needed:
            continue
        needed.add(name)
        try:
            required = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            continue  # of another system
        for text in required:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    assert {name for name in needed if not name.startswith(OF_TORCH)} <= pinned
