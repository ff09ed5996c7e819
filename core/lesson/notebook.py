"""The whole lesson as a notebook of plain torch, for the settings and the words as they stand."""

from __future__ import annotations

import base64
import zlib

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from core.config import RunConfig
from core.lesson.chapter import Chapter, plain
from core.lesson.code import shared
from core.lesson.contents import CHAPTERS
from core.lesson.scope import within
from core.runs.codec.label import DataLabel
from core.text import Corpus


def notebook(config: RunConfig, corpus: Corpus) -> str:
    """Every chapter's words and code, with the list of names inside, as the text of an .ipynb.

    The sentences of the chapters on words are written by their grammar, which is inside too.

    It needs torch and nothing of Namesmith. Each shared part of code stands where it is first
    needed.

    Args:
        config: of which the tutorial's network takes what it has; see `core.lesson.scope`.
        corpus: of characters.
    """
    config, _ = within(config)
    cells = [
        new_markdown_cell(
            "# A neural language model of names, and of words\n\n"
            "The model of Bengio et al. (2003), step by step in plain torch: over characters, and "
            "over the words of a small language that the cells write themselves. Made by Namesmith "
            "for the settings that were chosen there; run the cells in order."
        ),
        new_code_cell(
            _packed(corpus),
            metadata={"jupyter": {"source_hidden": True}},
        ),
    ]
    written = {"names"}
    for number, chapter in enumerate(CHAPTERS, start=1):
        code = chapter.code(config)
        cells.append(new_markdown_cell(f"## {number}. {chapter.title}\n\n{_joined(chapter)}"))
        for name, lines in shared(config, code.needs).items():
            if name not in written:
                cells.append(new_code_cell(lines))
                written.add(name)
        cells.append(new_code_cell(code.lines))
        cells.append(
            new_markdown_cell(
                f"**To think about:** {plain(chapter.question)}\n\n<details><summary>An answer"
                f"</summary>\n\n{plain(chapter.answer)}\n\n</details>"
            )
        )
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # the same settings give the same file
    text: str = nbformat.writes(
        new_notebook(
            cells=cells,
            metadata={
                "kernelspec": {
                    "display_name": "Python 3", "language": "python", "name": "python3",
                },
                "language_info": {"name": "python"},
            },
        )
    )  # fmt: skip
    return text


def _joined(chapter: Chapter) -> str:
    return "\n\n".join(plain(text) for text in (*chapter.paragraphs, chapter.tutorial) if text)


def _packed(corpus: Corpus) -> str:
    """A cell that makes `names` without a file beside the notebook."""
    text = "\n".join(corpus.texts).encode()
    packed = base64.b85encode(zlib.compress(text, 9)).decode()
    return (
        "import base64\n"
        "import zlib\n"
        "\n"
        f"# {str(DataLabel.of(corpus))!r}, packed so that no other file is needed.\n"
        f'packed = "{packed}"\n'
        "names = zlib.decompress(base64.b85decode(packed)).decode().splitlines()\n"
        "print(len(names), names[:8])"
    )
