"""Runs to download: one as numbers, weights and code, many as a table."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import StoreError
from core.runs import RunRecord
from core.runs.codec.arrays import MAX_BYTES
from core.runs.codec.weights import weights_to_npz
from core.runs.files.about import as_json
from core.runs.files.code import code_files
from core.runs.files.run_file import to_bytes
from core.runs.files.tables import Table, curve_table, runs_table, stored_table
from core.text import is_built_in
from pages.files import run_page, tables
from pages.settings import folded, widgets
from pages.settings.frame_code import frame
from pages.visit import saving, session
from pages.wording.escaping import plain

if TYPE_CHECKING:
    from core.runs.store import StoredRun

PAGE_HEIGHT = 520  # pixels, of a run's page in a frame: curve, map and names, and no more


def one_run(record: RunRecord) -> None:
    """A menu of all that one run can be downloaded as."""
    stem = f"namesmith-run-{record.run_id}"
    document = record.corpus.document
    with folded.popover("Download", key="take_it", icon=":material/download:") as is_drawn:
        if not is_drawn:
            return
        n_bytes = 4 * record.model.n_parameters
        if n_bytes > MAX_BYTES * 0.8:
            st.caption(
                f"The weights are {n_bytes / 1e6:,.0f} MB, too many to download: a file may have "
                f"{MAX_BYTES / 1e6:,.0f} MB."
            )
        else:
            has_corpus = _asks_for_words(record)
            _download(
                "The run .safetensors",
                lambda: to_bytes(record, has_corpus=has_corpus),
                f"{stem}.safetensors",
                f"Weights ({', '.join(record.parameters)}) with settings and results in the "
                "header. ‘Bring a run back’ reads it again.",
            )
            _download(
                "Plain PyTorch code .zip",
                lambda: _zipped(code_files(record, stem)),
                f"{stem}.zip",
                f"One file of Python that needs torch alone, and its weights. It writes the "
                f"{document}s that Sample writes.",
            )
            _download(
                "Weights for NumPy .npz",
                lambda: weights_to_npz(record),
                f"{stem}.npz",
                "The same arrays for NumPy.",
            )
            as_page(record)
        _download(
            "Settings and results .json",
            lambda: as_json(record),
            f"{stem}.json",
            "All numbers of the run but its weights.",
        )
        _downloads_of_table("Curve", lambda: curve_table(record), f"{stem}-curve")
        st.page_link(
            "lesson/contents.py",
            label="The notebook, at the lesson's contents",
            icon=":material/menu_book:",
        )


def as_page(record: RunRecord, place: str = "page") -> None:
    """The run as a page of its own, with what its author writes on it.

    Args:
        record: of the run.
        place: where it's offered; the keys of its widgets begin with it.
    """
    corpus, stem = record.corpus, f"namesmith-run-{record.run_id}"
    key = f"{record.run_id}"
    with st.expander("As a page", key=f"{place}_as_page"):
        title = st.text_input(
            "Title", run_page.title_of(record), max_chars=120, key=f"{place}_title:{key}"
        )
        note = st.text_area("Note", max_chars=2_000, height="content", key=f"{place}_note:{key}")
        licence = st.text_input(
            "Licence", max_chars=200, placeholder="CC BY 4.0", key=f"{place}_licence:{key}"
        )
        has_corpus = is_built_in(corpus) or st.checkbox(
            f"With the {corpus.document}s it learned from",
            key=f"{place}_words:{key}",
            help="Then whoever has the page can train on them, and read them.",
        )
        if run_page.needs_words(corpus) and not has_corpus:
            st.caption("A page shows words of your text, as they’re what it learned to write.")
            return
        words = run_page.Words(title=title, note=note, licence=licence)
        _download(
            "The page .html",
            lambda: run_page.run_page(record, words, has_corpus=has_corpus),
            f"{stem}.html",
            "One file to open, mail or put into a frame: it plays the training, answers, writes "
            "and trains on in its reader’s browser, without a server or a network.",
            place,
        )
        st.caption("In a page of your own, with the file beside it:")
        st.code(frame(f"{stem}.html?embed", PAGE_HEIGHT), language="html", wrap_lines=True)


def _asks_for_words(record: RunRecord) -> bool:
    """Draw the choice, where a run learned from words that only its visitor has."""
    if is_built_in(record.corpus):
        return False
    return st.checkbox(
        "With the words it learned from",
        value=True,
        key=f"away_words:{record.run_id}",
        help="Then the file can be brought back where these aren’t in use, and sampled and "
        "trained on there. Whoever gets the file can read them.",
    )


def many_runs(picked: Sequence[RunRecord]) -> None:
    """The picked runs as a table, or all of the session, settings included."""
    trainer = session.trainer()
    run_ids = [run.run_id for run in picked or trainer.runs()]
    if not run_ids:
        return
    what = f"{len(run_ids)} picked" if picked else "all of the session"
    with folded.popover(
        "Download the runs", key="take_runs", icon=":material/download:"
    ) as is_drawn:
        if not is_drawn:
            return
        st.caption(f"A row for each run, {what}: what it reached, and every setting.")
        _downloads_of_table(
            "Runs", lambda: runs_table(trainer.read_some(run_ids)), "namesmith-runs"
        )


def kept_runs(picked: Sequence[StoredRun]) -> None:
    """The picked runs of the page Runs as a table, settings and notes included; one as a page."""
    with folded.popover("Download", key="take_kept", icon=":material/download:") as is_drawn:
        if not is_drawn:
            return
        st.caption("A row for each picked run: what it reached, every setting, note and tags.")
        _downloads_of_table("Runs", lambda: stored_table(picked), "namesmith-kept-runs")
        if len(picked) == 1:
            try:
                record = saving.read(session.current().workspace or "", picked[0].key)
            except StoreError as error:
                st.caption(f"It can’t be a page: {plain(error)}")
            else:
                as_page(record, "kept")


def _downloads_of_table(label: str, made: Callable[[], Table], stem: str) -> None:
    with widgets.pairs(stem):
        _download(f"{label} .csv", lambda: tables.as_csv(made()), f"{stem}.csv")
        _download(f"{label} .parquet", lambda: tables.as_parquet(made()), f"{stem}.parquet")


def _download(
    label: str,
    made: Callable[[], bytes | str],
    file_name: str,
    help_: str | None = None,
    place: str = "",
) -> None:
    """A button whose file is made when it is pressed."""
    key = f"{place}:{file_name}"
    st.download_button(
        label, made, file_name, on_click="ignore", help=help_, width="stretch", key=key
    )


def _zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()
