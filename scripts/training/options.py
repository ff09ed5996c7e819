"""The command line of a training run: every setting of the table is an option."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.errors import ConfigError, DatasetError
from core.presets import Preset, presets_of
from core.settings import OneOf, Setting, settings_of
from core.text import (
    BUILT_IN,
    MAX_LIST_BYTES,
    MAX_TEXT_BYTES,
    Corpus,
    load_text,
    read_names,
    read_text,
)

WORDS = {"unit": "token", "document": "document"}


def parse(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, RunConfig, Corpus]:
    """What is asked for, the settings and the data; ends the program with words if it can't be."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        corpus = _corpus(options)
        config = _config(options, corpus)
    except (ConfigError, DatasetError) as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"{options.data} can't be read: {error.strerror}")
    return options, config, corpus


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="train/page.py",
        description="Train the network of Bengio et al. (2003) without a browser.",
        epilog="What isn't given is as the preset has it, which is the first one of the data.",
    )
    parser.add_argument(
        "--data",
        default="names",
        help="'names', 'words' (a small language), 'brown', or a file",
    )
    parser.add_argument(
        "--unit",
        choices=("character", "word"),
        default="character",
        help="of a file: a list of names or a table with them, or running text",
    )
    parser.add_argument("--column", help="of a table, by its name or number; the likeliest")
    parser.add_argument(
        "--counts",
        nargs="?",
        const="",
        metavar="COLUMN",
        help="of a table: learn each name as often as this column counts it, by its name or "
        "number; the likeliest. Without it each counts once",
    )
    parser.add_argument(
        "--leave-out", action="store_true", help="leave out names that can't be learned"
    )
    parser.add_argument(
        "--keep-lines", action="store_true", help="of running text: the end of a line is a token"
    )
    parser.add_argument("--preset", help="to begin with, by its name on Train, such as 'Lecture'")
    parser.add_argument(
        "--sweep",
        choices=("ramp", "independent"),
        nargs="?",
        const="independent",
        help="try learning rates instead: a run for each, or one run whose rate rises",
    )
    parser.add_argument(
        "--search",
        nargs="*",
        metavar="RANGE",
        help="search settings instead: ranges such as base_lr=0.01:1 and init=normal,scaled; "
        "without any, those of the page Search; --steps of each run, 3000 if not given",
    )
    parser.add_argument("--runs", type=int, default=40, help="of a search; 40")
    parser.add_argument("--seeds", type=int, default=1, help="of each run of a search; 1")
    parser.add_argument(
        "--how", choices=("tpe", "random", "grid"), default="tpe", help="to search; tpe"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="for weights, tables, code, page"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, and nothing else")
    parser.add_argument(
        "--keep",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep the run among those of the page Runs",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    group = parser.add_argument_group("settings")
    for known in settings_of(RunConfig):
        names = dict.fromkeys((f"--{known.key.replace('_', '-')}", f"--{known.key}"))
        group.add_argument(
            *names,
            dest=f"setting:{known.key}",
            type=_reader(known),
            metavar=_values(known),
            help=_help(known),
        )
    return parser


def _reader(known: Setting) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            value = known.parse(text)
            known.check(value)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(error.complaint) from error
        return value

    return read


def _values(known: Setting) -> str:
    if isinstance(known.kind, OneOf) and known.kind.others is None:
        return "|".join(map(str, known.kind.options))
    return {"switch": "on|off"}.get(known.widget, known.key.upper())


def _help(known: Setting) -> str:
    default = "" if known.default is None else f"; {known.kind.write(known.default) or 'none'}"
    return f"{known.label}{default}".format_map(WORDS).replace("%", "%%")


def _config(options: argparse.Namespace, corpus: Corpus) -> RunConfig:
    front = "setting:"
    given: Mapping[str, Any] = {
        name.removeprefix(front): value
        for name, value in vars(options).items()
        if name.startswith(front) and value is not None
    }
    settings = _preset(options.preset, corpus).config.to_settings()
    if "seed" in given:
        settings.pop("batch_seed", None)  # it follows, as on Train
    return RunConfig.from_settings({**settings, **given})


def _preset(name: str | None, corpus: Corpus) -> Preset:
    presets = presets_of(corpus)
    if name is None:
        return presets[0]
    known = {preset.name.lower(): preset for preset in presets}
    if name.lower() not in known:
        raise ConfigError("preset", f"one of {', '.join(p.name for p in presets)}", name)
    return known[name.lower()]


def _corpus(options: argparse.Namespace) -> Corpus:
    unit = options.unit
    if options.data in BUILT_IN:
        return load_text(options.data)
    path = Path(options.data)
    most = MAX_TEXT_BYTES if unit == "word" else MAX_LIST_BYTES
    if path.stat().st_size > most:
        raise DatasetError(f"{options.data} is too large: at most {most:,} bytes are read")
    if unit == "word":
        return read_text(path.name, path.read_bytes(), keep_lines=options.keep_lines)
    data, counts = path.read_bytes(), options.counts
    file = read_names(data, column=options.column, counts=counts or None)
    if counts == "":
        if not file.count_columns:
            raise DatasetError("The list has no column of whole numbers that could be counts.")
        file = read_names(data, column=options.column, counts=file.count_columns[0])
    if file.complaint and not options.leave_out:
        raise DatasetError(f"{file.complaint} --leave-out uses the list without them.")
    print(
        f"{len(file.words):,} names. {file.describe()} {file.complaint}".rstrip(), file=sys.stderr
    )
    corpus = file.corpus(path.name)
    if corpus.is_weighted:
        print(f"Learned as often as counted: {corpus.most_counted}.", file=sys.stderr)
    return corpus
