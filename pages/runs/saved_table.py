"""The table of kept runs: a page of rows from the store, with what one writes to them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.runs.store import Query, StoredRun
from pages import run_columns
from pages.run_columns import label
from pages.settings.buttons import pressed
from pages.visit import forgetting, saving, state
from pages.visit.state import Kept

ROWS = 25  # of a page
HEIGHT = 318  # pixels, so that what is picked is compared on the same screen
DESCENDING = "Newest first"
_EDITABLE = ("Pick", "★", "Name", "Note", "Tags")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the runs of a workspace can be chosen by."""

    data: Sequence[str]
    tags: Sequence[str]
    searches: Sequence[str]


def query(choices: Choices) -> Query:
    """Draw what chooses and sorts the runs; what it asks for."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Find",
            key="kept_text",
            placeholder="name, note, tag or data",
            persist_state="session",
            width=220,
        )
        sort = st.selectbox(
            "Sort by",
            [*run_columns.SORTABLE, *run_columns.settings()],
            format_func=label,
            key="kept_sort",
            persist_state="session",
            width=190,
        )
        is_descending = st.segmented_control(
            "Order",
            [DESCENDING, "Oldest first"],
            default=DESCENDING,
            required=True,
            key="kept_order",
            persist_state="session",
            help="Newest first is also highest first. Runs without a value come last.",
        )
        with st.popover("Filter"):
            filters = _filters(choices)
        with st.popover("Columns"):
            st.multiselect(
                "Columns",
                [*run_columns.OTHERS, *run_columns.settings()],
                default=list(run_columns.SHOWN_AT_FIRST),
                format_func=label,
                key=state.SAVED_COLUMNS.key,
                persist_state="session",
            )
    asked = Query(
        text=text.strip(), sort=sort, is_descending=is_descending == DESCENDING, **filters
    )
    tab = state.tab()
    if tab.saved_asked not in (None, asked):
        tab.saved_offset = 0
    tab.saved_asked = asked
    return asked


def table(mine: str, asked: Query) -> None:
    """Draw a page of rows, and the way to the others."""
    store, tab = saving.writer().store(), state.tab()
    offset = tab.saved_offset
    rows, n_all = store.page(mine, asked, offset, ROWS)
    if not rows and offset:
        tab.saved_offset = 0
        st.rerun()
    if not rows:
        is_any = asked != Query()
        st.info(
            "No run is like that. Change what you look for."
            if is_any
            else "There are no runs yet. Train one, and it’s kept here."
        )
        return
    tab.saved_rows = rows
    chosen = state.SAVED_COLUMNS.start_from(list(run_columns.SHOWN_AT_FIRST))
    empty = {key for key in run_columns.OF_REPEATS if all(run.value(key) is None for run in rows)}
    shown = [column for column in chosen if column not in empty]
    frame = pd.DataFrame([_row(run, run.key in tab.saved_picked, shown) for run in rows])
    keys = " ".join([mine, *(run.key for run in rows), *shown])
    edited = state.edited_rows(hashlib.sha256(keys.encode()).hexdigest()[:16])
    st.data_editor(
        frame,
        key=edited.key,
        hide_index=True,
        height=min(HEIGHT, 35 * (len(rows) + 1) + 3),
        width="stretch",
        disabled=[name for name in frame.columns if name not in _EDITABLE],
        column_config=_column_config(shown),
        placeholder="–",
        on_change=_edited,
        args=(mine, edited),
    )
    _turn_pages(offset, len(rows), n_all)


def picked(mine: str) -> list[StoredRun]:
    """The runs that are picked, on whatever page of the table, in the order of picking."""
    runs = saving.writer().store().rows(mine, state.tab().saved_picked)
    state.tab().saved_picked = [run.key for run in runs]
    return runs


def unpick(keys: Sequence[str] | None = None) -> None:
    """Pick some runs no more, or none at all."""
    tab = state.tab()
    tab.saved_picked = [] if keys is None else [k for k in tab.saved_picked if k not in keys]


def _filters(choices: Choices) -> dict[str, Any]:
    any_one = "any"
    data = st.selectbox("Data", [any_one, *choices.data], key="kept_data", persist_state="session")
    tag = st.selectbox("Tag", [any_one, *choices.tags], key="kept_tag", persist_state="session")
    search = any_one
    if choices.searches:
        search = st.selectbox(
            "Search", [any_one, *choices.searches], key="kept_search", persist_state="session"
        )
    starred = st.checkbox("Only with a star", key="kept_starred", persist_state="session")
    finished = st.checkbox("Only finished", key="kept_finished", persist_state="session")
    numbers = [key for key in run_columns.settings() if run_columns.is_number(key)]
    column = st.selectbox(
        "Range of",
        [None, *(key for key in run_columns.SORTABLE if run_columns.is_number(key)), *numbers],
        format_func=lambda key: "nothing" if key is None else label(key),
        key="kept_range",
        persist_state="session",
    )
    where = {}
    if column is not None:
        low, high = st.columns(2)
        where[column] = (
            low.number_input("From", value=None, key="kept_from", format="%g"),
            high.number_input("To", value=None, key="kept_to", format="%g"),
        )
    return {
        "data": "" if data == any_one else data,
        "tag": "" if tag == any_one else tag,
        "search": None if search == any_one else search,
        "only_starred": starred,
        "only_finished": finished,
        "where": where,
    }


def _row(run: StoredRun, is_picked: bool, shown: Sequence[str]) -> dict[str, Any]:
    values = {label(column): _cell(run, column) for column in shown if column not in _WRITTEN}
    return {
        "Pick": is_picked,
        "★": run.is_starred,
        "Name": run.title,
        **values,
        "Tags": ", ".join(run.tags),
        "Note": run.note,
    }


# Columns that are there anyway.
_WRITTEN = {"name", "is_starred"}


def _cell(run: StoredRun, column: str) -> Any:
    if column == "started_at":
        return pd.Timestamp(run.started_at, unit="s")
    if run_columns.is_number(column):
        return run_columns.quantity(run.value(column))
    return run_columns.words(run, column)


def _column_config(shown: Sequence[str]) -> dict[str, Any]:
    losses = {label(column) for column in shown if column.endswith("_loss")}
    return {
        "Pick": st.column_config.CheckboxColumn(
            help="Picked runs are compared below, whatever page they are on."
        ),
        "★": st.column_config.CheckboxColumn(help="Runs with a star are kept longest."),
        "Name": st.column_config.TextColumn(max_chars=40, help="Double-click to write."),
        "Tags": st.column_config.TextColumn(
            max_chars=200, help="Double-click to write; commas between them."
        ),
        "Note": st.column_config.TextColumn(max_chars=2000, help="Double-click to write."),
        "Started": st.column_config.DatetimeColumn("Started (UTC)", format="YYYY-MM-DD HH:mm"),
        "Steps taken": st.column_config.NumberColumn(format="localized"),
        "Weights": st.column_config.NumberColumn(format="localized"),
        "Seconds": st.column_config.NumberColumn(format="%.1f"),
        **{loss: st.column_config.NumberColumn(format="%.4f") for loss in losses},
    }


def _turn_pages(offset: int, n_rows: int, n_all: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"{offset + 1:,}–{offset + n_rows:,} of {n_all:,} runs" if n_all > 1 else "1 run",
            width="content",
        )
        if n_all <= ROWS:
            return
        if pressed("Previous", key="kept_previous", disabled=not offset):
            state.tab().saved_offset = max(0, offset - ROWS)
            st.rerun()
        if pressed("Next", key="kept_next", disabled=offset + n_rows >= n_all):
            state.tab().saved_offset = offset + ROWS
            st.rerun()


def _edited(mine: str, edited: Kept) -> None:
    """Take what was written into the table; called before the page is drawn again."""
    rows = state.tab().saved_rows
    for place, edit in (edited.get() or {}).items():
        if int(place) < len(rows):
            _take(mine, rows[int(place)], edit)
    saving.writer().flush(2.0)


def _take(mine: str, run: StoredRun, edit: Mapping[str, Any]) -> None:
    if "Pick" in edit:
        tab = state.tab()
        keys = [key for key in tab.saved_picked if key != run.key]
        tab.saved_picked = [*keys, run.key] if edit["Pick"] else keys
    notes: dict[str, Any] = {}
    if "★" in edit and edit["★"] != run.is_starred:
        notes["is_starred"] = bool(edit["★"])
    if "Name" in edit and (edit["Name"] or "") != run.title:
        name = str(edit["Name"] or "").strip()
        notes["name"] = "" if name == f"Run {run.number}" else name
    if "Note" in edit and (edit["Note"] or "") != run.note:
        notes["note"] = str(edit["Note"] or "").strip()
    if "Tags" in edit:
        tags = tuple(dict.fromkeys(t.strip() for t in str(edit["Tags"] or "").split(",")))
        tags = tuple(filter(None, tags))
        if tags != run.tags:
            notes["tags"] = tags
    if not notes:
        return
    saving.writer().annotate(mine, run.key, notes)
    if "name" in notes:
        forgetting.rename(mine, run.key, notes["name"])
