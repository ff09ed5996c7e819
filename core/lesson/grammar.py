"""The grammar of the small language as code that runs on its own."""

from __future__ import annotations

import ast
import inspect
from functools import cache

from core.text import small_language

_IMPORTS = "import random\nfrom collections.abc import Iterator"
# Only the app needs these; sentences are written without them.
_LEFT_OUT = {
    "PAPERS_SENTENCE",
    "QUESTIONS",
    "small_language",
    "is_small_language",
    "_kinds",
    "_corpus",
    "_whole",
    "_without",
}


@cache
def grammar() -> str:
    """The app's own lines that define `sentences()`, `NOUNS` and `N_SENTENCES`.

    >>> variables = {}
    >>> exec(grammar(), variables)
    >>> next(variables["sentences"](seed=5)).split()[0] in {"a", "the", "this", "my", "our"}
    True
    """
    module = inspect.getmodule(small_language)
    assert module is not None
    source = inspect.getsource(module)
    lines = source.splitlines()
    pieces, before = [_IMPORTS], 0
    for node in ast.parse(source).body:
        last = node.end_lineno or node.lineno
        if _names(node) - _LEFT_OUT:
            # From the end of the statement before, so that its own comment is included.
            piece = "\n".join(lines[before:last]).strip("\n")
            pieces.append(f"\n\n{piece}" if isinstance(node, ast.FunctionDef) else piece)
        before = last
    return "\n".join(pieces)


def _names(node: ast.stmt) -> set[str]:
    """What a statement of a module defines; nothing for imports and docstrings."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()
