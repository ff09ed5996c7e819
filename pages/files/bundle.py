"""The browser's modules as one script, for a page that nothing serves."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pages.live.component import ASSETS

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)"\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|class|const)", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:(?:async )?function\*?|class|const) (\w+)", re.MULTILINE)
_COMMENT = re.compile(  # that has its lines for itself
    r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL
)
_LEFT = re.compile(r"^(?:import|export)\b", re.MULTILINE)
_ENDS_SCRIPT = re.compile(r"</script|<!--", re.IGNORECASE)


@cache
def script(entry: str) -> str:
    """A module and all that it imports, each in a function of its own, as one script.

    Args:
        entry: the module's path in `web`.

    Raises:
        ValueError: if a module imports or exports in a way that this can't read, imports itself
            over others, or holds what would end a script in HTML.
    """
    made: dict[Path, str] = {}
    _add((ASSETS / entry).resolve(), made, ())
    text = '"use strict"\n' + "".join(made.values())
    if _ENDS_SCRIPT.search(text):
        raise ValueError(f"{entry} holds what would end its script in HTML")
    return text


def _add(file: Path, made: dict[Path, str], over: tuple[Path, ...]) -> None:
    """Make a module after those that it imports."""
    if file in over:
        raise ValueError(f"{file.name} imports itself over {over[-1].name}")
    if file in made:
        return
    text = file.read_text(encoding="utf-8")
    for _, address in _IMPORT.findall(text):
        _add((file.parent / address).resolve(), made, (*over, file))
    names = ", ".join(_EXPORTED.findall(text))
    body = _EXPORT.sub("", _IMPORT.sub(lambda found: _taken(file, *found.groups()), text))
    body = _COMMENT.sub("", body)
    if _LEFT.search(body):
        raise ValueError(f"{file.name} imports or exports in a way that isn't known here")
    made[file] = f"const {_name(file)} = (() => {{\n{body}return {{ {names} }}\n}})()\n"


def _taken(file: Path, names: str, address: str) -> str:
    """What stands in place of an import: `{ a, b as c }` becomes `{ a, b: c }`."""
    listed = ", ".join(
        name.strip().replace(" as ", ": ") for name in names.split(",") if name.strip()
    )
    return f"const {{ {listed} }} = {_name((file.parent / address).resolve())}\n"


def _name(file: Path) -> str:
    return "_" + "_".join(file.relative_to(ASSETS.resolve()).with_suffix("").parts)
