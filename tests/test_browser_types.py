"""The browser's types are those of Python's messages, and their check says what it leaves out."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from core.learning import Floats
from core.runs import State
from scripts import browser_types, check_javascript


class Inner(TypedDict):
    """What is inside.

    Attributes:
        at: a place.
    """

    at: tuple[int, float | None]


class Outer(TypedDict):
    """What is sent."""

    kind: Literal["outer"]
    inner: Sequence[Inner] | None
    lists: dict[str, list[Literal["a", "b"] | None]]
    state: State
    numbers: Floats
    more: NotRequired[bool]


def test_the_file_is_what_the_script_makes() -> None:
    made = browser_types.declarations()
    assert browser_types.FILE.read_text(encoding="utf-8") == made, (
        "run scripts/browser_types.py and look at what changed"
    )


def test_a_typed_dict_becomes_an_interface_with_those_that_it_holds() -> None:
    states = " | ".join(f'"{state.value}"' for state in State)
    assert browser_types.declarations([Outer]).split("\n\n", 1)[1] == (
        "/** What is sent. */\n"
        "export interface Outer {\n"
        '  kind: "outer"\n'
        "  inner: Inner[] | null\n"
        '  lists: Record<string, ("a" | "b" | null)[]>\n'
        f"  state: {states}\n"
        "  numbers: Float32Array\n"
        "  more?: boolean\n"
        "}\n"
        "\n"
        "/** What is inside. */\n"
        "export interface Inner {\n"
        "  at: [number, number | null]\n"
        "}\n"
    )


@pytest.mark.parametrize("hint", [bytes, set[int], complex])
def test_what_json_has_no_word_for_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="must be what JSON has, or an array"):
        browser_types.type_of(hint, [])


def test_two_of_one_name_are_refused() -> None:
    other = type("Inner", (), {})
    with pytest.raises(ValueError, match="Inner must be one TypedDict"):
        browser_types.declarations([Inner, other])


@pytest.mark.parametrize(("ci", "exit_code"), [("", 0), ("true", 1)])
@pytest.mark.parametrize("reason", ["registry", "system"])
def test_a_compiler_that_cannot_be_had_is_left_out_but_not_in_ci(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
    reason: str,
    ci: str,
    exit_code: int,
) -> None:
    monkeypatch.setenv("NAMESMITH_CACHE", str(tmp_path))
    monkeypatch.setenv("CI", ci)
    if reason == "registry":
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:9")
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(platform, "machine", lambda: "x86_64")
        said = "127.0.0.1 could not be reached"
    else:
        monkeypatch.setattr(platform, "machine", lambda: "pdp11")
        said = f"not {sys.platform}-pdp11"
    assert check_javascript.main() == exit_code
    error = capsys.readouterr().err
    assert error.startswith("The types of the JavaScript were left out.")
    assert said in error


def test_the_compiler_is_found_where_npm_keeps_a_package_with_a_scope(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    package = check_javascript.compiler()
    assert package.name == "@typescript/typescript-win32-x64"
    assert package.file_name == f"typescript-win32-x64-{check_javascript.VERSION}.tgz"
