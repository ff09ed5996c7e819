"""Makes docs/demo: two runs as pages, and their index, for any host of files; ten seconds.

With --keep the pages keep the runs that they have and get today's program: a second, and the same
on every machine. Do that whenever something of `web/` has changed.
"""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.config import RunConfig
from core.learning import warm_up
from core.presets import SMALL_LANGUAGE, TUTORIAL
from core.runs import RunRecord, Trainer
from core.text import Corpus, embedded_corpus, load_text
from pages.files.run_page import Words, refilled, run_page
from pages.live.component import ASSETS
from scripts.environment import ROOT

FOLDER = ROOT / "docs" / "demo"
LONGEST_SECONDS = 300.0
LICENCE = "MIT, as Namesmith is"


@dataclass(frozen=True, slots=True)
class Demo:
    """A run to show: its file, what its author says, and what is trained."""

    file: str
    words: Words
    config: RunConfig

    @property
    def corpus(self) -> Corpus:
        """What it learns from."""
        return embedded_corpus() if self.config == TUTORIAL.config else load_text("words")

    def record(self) -> RunRecord:
        """The run, trained now."""
        trainer = Trainer()
        trainer.start(self.config, self.corpus)
        snapshot = trainer.wait_until(lambda seen: seen.has_ended, LONGEST_SECONDS)
        trainer.stop()
        trainer.join(60)
        return snapshot.record()


DEMOS = (
    Demo(
        "names.html",
        Words(
            title="Names from scratch",
            note="Press Play: ten names go from noise to something you could name a child, while "
            "the 27 characters find their places on a map. Then type a few letters of your own.",
            licence=LICENCE,
        ),
        TUTORIAL.config,
    ),
    Demo(
        "small-language.html",
        Words(
            title="Sentences of a small language",
            note="137 words, and some pairs of them never occur. Ask what follows ‘a dog was "
            "running in a’: the network knows that it must be a place, and counting can’t.",
            licence=LICENCE,
        ),
        SMALL_LANGUAGE.config,
    ),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the runs that the pages have")
    is_kept = parser.parse_args(arguments).keep
    if not is_kept:
        warm_up()
    FOLDER.mkdir(exist_ok=True)
    for file, text in made(is_kept=is_kept):
        file.write_text(text, encoding="utf-8", newline="\n")
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size:,} bytes")


def made(*, is_kept: bool) -> Iterator[tuple[Path, str]]:
    """Each file with its text; trained anew, or with the runs that are there."""
    for demo in DEMOS:
        file = FOLDER / demo.file
        if is_kept:
            yield file, refilled(file.read_text(encoding="utf-8"))
        else:
            yield file, run_page(demo.record(), demo.words)
    yield FOLDER / "index.html", index()


def index() -> str:
    """The page that leads to the others."""
    cards = "".join(
        f'<li><h2><a href="{demo.file}">{html.escape(demo.words.title)}</a></h2>\n'
        f"<p>{html.escape(demo.words.note)}</p></li>\n"
        for demo in DEMOS
    )
    style = (ASSETS / "styles/page.css").read_text(encoding="utf-8").split("\n.nm-", 1)[0]
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Namesmith: try it now</title>\n<style>{style}\n"
        "ul { padding: 0; list-style: none; }\n"
        "main { max-width: 42rem; }\n"
        "a { color: var(--st-link-color); }\n"
        "</style>\n</head>\n<body>\n<main>\n<h1>Namesmith: try it now</h1>\n"
        "<p>Two small neural networks, each as one page that plays its training, answers you and "
        "trains on in your browser. There’s no server behind them, and nothing to install.</p>\n"
        f"<ul>\n{cards}</ul>\n"
        "<p>Each is a file that Namesmith made of a run by <b>Download → As a page</b>. With "
        "Namesmith itself you train on names or a text of your own.</p>\n"
        "</main>\n</body>\n</html>\n"
    )


if __name__ == "__main__":
    main()
