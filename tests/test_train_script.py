"""Training without a browser: figures on standard output, files that other tools read."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.config import RunConfig
from core.errors import StoreError
from core.presets import LECTURE, SMALL_LANGUAGE_PRESETS
from core.runs.files.run_file import from_bytes
from core.runs.store import Query, Store
from core.settings import settings_of
from scripts.training.command import main
from scripts.training.options import parse

SHORT = ["--steps", "40", "--n-hidden", "8", "--engine", "autograd", "--train-on", "first_five"]


def test_json_is_one_object_and_nothing_else(capsys):
    assert main([*SHORT, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["state"] == "finished"
    assert found["step"] == 40
    assert found["settings"]["n_hidden"] == 8
    assert found["results"]["final"]["val"] > 0
    assert len(found["samples"]) == 10
    assert "curve" not in found


def test_the_files_hold_the_same_run(tmp_path, capsys):
    assert main([*SHORT, "--json", "--out", str(tmp_path / "new")]) == 0
    found = json.loads(capsys.readouterr().out)
    files = {path.name: path for path in (tmp_path / "new").iterdir()}
    assert sorted(map(str, files.values())) == sorted(found["files"])
    assert "Content-Security-Policy" in files["page.html"].read_text(encoding="utf-8")
    record = from_bytes(files["namesmith-run.safetensors"].read_bytes())
    assert record.final is not None
    assert record.final.val == found["results"]["final"]["val"]
    for frame in (
        pd.read_csv(files["namesmith-run-curve.csv"]),
        pd.read_parquet(files["namesmith-run-curve.parquet"]),
    ):
        assert frame.validation_loss.dropna().iloc[-1] == record.evaluations[-1].val_loss


def test_the_run_is_kept_where_the_page_runs_finds_it(capsys):
    assert main([*SHORT, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert main([*SHORT, "--no-keep"]) == 0
    store = Store.open()
    (row,), n_runs = store.page("own", Query())
    store.close()
    assert n_runs == 1
    assert row.number == found["run"] == 1
    assert row.state == "finished"


def test_a_store_that_cannot_be_used_is_told_and_the_run_goes_on(monkeypatch, capsys):
    monkeypatch.setenv("NAMESMITH_STORE", "nonsense://nowhere")
    assert main([*SHORT, "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["state"] == "finished"
    assert "The run won't be kept." in said.err


def test_without_json_it_says_what_came_of_it(capsys):
    assert main(SHORT) == 0
    said = capsys.readouterr().out
    assert "40 of 40 steps" in said
    assert "Validation loss:" in said


def test_a_run_that_diverges_says_so_and_fails(capsys):
    code = main(["--base-lr", "10", "--init", "normal", *SHORT, "--steps", "400", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert code == (0 if found["state"] == "finished" else 1)


def test_a_sweep_finds_a_rate(tmp_path, capsys):
    small = ["--engine", "autograd"]
    assert main([*small, "--sweep", "ramp", "--json", "--out", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["loss"]) == len(found["learning_rate"]) == 1000
    assert 1e-3 <= found["suggested"]["learning_rate"] <= 1
    frame = pd.read_csv(tmp_path / "namesmith-sweep.csv")
    assert frame.learning_rate.tolist() == pytest.approx(found["learning_rate"])


SEARCH = ["--search", "base_lr=0.05:0.5", "n-hidden=4:8", "--runs", "4", *SHORT[:2]]


def test_a_search_finds_the_lowest_and_writes_every_run(tmp_path, capsys):
    assert main([*SEARCH, "--json", "--no-keep", "--out", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    runs = pd.read_csv(tmp_path / "namesmith-search.csv")
    assert found["validation_loss"] == runs.validation_loss.min() == runs.validation_loss[0]
    assert found["settings"]["n_hidden"] == runs.n_hidden[0]
    assert found["settings"]["steps"] == 40
    assert sorted(runs.run) == [1, 2, 3, 4]
    assert runs.base_lr.between(0.05, 0.5).all()
    assert pd.read_parquet(tmp_path / "namesmith-search.parquet").equals(runs)


def test_the_runs_of_a_search_are_kept_where_the_page_runs_finds_them(capsys):
    assert main([*SEARCH]) == 0
    assert "lucky as well as good" in capsys.readouterr().out
    store = Store.open()
    try:
        rows, _ = store.page("own", Query(), limit=10)
    finally:
        store.close()
    assert sum(row.title.startswith("Search 1, run ") for row in rows) == 4


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        (["n_hidden=8:8"], "a range that ends above 8"),
        (["nothing=1:2"], "one of the known settings"),
        (["init=normal"], "2 options or more"),
    ],
)
def test_ranges_that_cannot_be_are_refused_in_words(ranges, words, capsys):
    assert main(["--search", *ranges, "--no-keep"]) == 2
    assert words in capsys.readouterr().err


def test_every_setting_is_an_option():
    for known in settings_of(RunConfig):
        text = known.kind.write(known.default) if known.default is not None else "1"
        for name in (f"--{known.key}", f"--{known.key.replace('_', '-')}"):
            parse([f"{name}={text}"])


def test_settings_begin_with_the_preset_of_the_data():
    assert parse([])[1] == RunConfig()
    assert parse(["--data", "words"])[1] == SMALL_LANGUAGE_PRESETS[0].config
    assert parse(["--preset", "lecture"])[1] == LECTURE.config
    config = parse(["--seed", "7", "--direct", "on", "--decay-steps", "5, 9"])[1]
    assert (config.model.seed, config.training.seed, config.model.direct) == (7, 7, True)
    assert config.training.lr_schedule.decay_steps == (5, 9)


def test_a_list_and_a_text_of_ones_own(tmp_path):
    (tmp_path / "list.txt").write_text("anna\notto\nida\nemil\nlena\njan\nnina\nute\nolaf\nkurt\n")
    assert len(parse(["--data", str(tmp_path / "list.txt")])[2]) == 10
    (tmp_path / "text.txt").write_text("The cat sat. The dog ran.\n\n" * 200)
    assert parse(["--data", str(tmp_path / "text.txt"), "--unit", "word"])[2].unit == "word"


@pytest.mark.parametrize("given", [["--counts"], ["--counts", "births"], ["--counts", "3"]])
def test_names_are_learned_as_often_as_a_column_counts_them(given, tmp_path, capsys):
    names = [f"name{letter}" for letter in "abcdefghijkl"]
    path = tmp_path / "names.csv"
    rows = "".join(f"{name},F,{1200 - i}\n" for i, name in enumerate(names))
    path.write_text(f"name,sex,births\n{rows}")
    assert main(["--data", str(path), *given, *SHORT, "--json"]) == 0
    said = capsys.readouterr()
    assert "Learned as often as counted: namea counts 1,200 times." in said.err
    assert json.loads(said.out)["data"]["name"] == "names.csv, as often as counted"
    asked = ["--data", str(path)]
    assert parse([*asked, *given])[2].n_counted == sum(range(1189, 1201))
    assert parse(asked)[2].n_counted == 12


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--n-hidden", "5000"], "must be a whole number from 0 to 1,024"),
        (["--n-hidden", "0"], "n_hidden must be 1 or more"),
        (["--base-lr", "nan"], "must be a number from"),
        (["--optimiser", "lion"], "must be one of descent, adam"),
        (["--preset", "Nonsense"], "preset must be one of Tutorial"),
        (["--data", "/does/not/exist"], "can't be read: No such file"),
        (["--momentum", "1"], "unrecognized arguments"),
    ],
)
def test_what_cannot_be_is_refused_in_words(arguments, words, capsys):
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    said = capsys.readouterr()
    assert words in said.err
    assert not said.out


def test_a_run_that_could_not_be_kept_in_the_end_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("The store is away.", is_passing=True)

    monkeypatch.setattr(Store, "put", refuse)
    assert main([*SHORT, "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["state"] == "finished"  # what was found is there all the same
    assert "The run isn't kept. The store is away." in said.err
