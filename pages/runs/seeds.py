"""Kept runs, seeds first: those that differ in their seeds alone are one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import pandas as pd
import streamlit as st

from core.config import but_seeds
from core.errors import StoreError
from core.runs.committee import Committee, committees
from core.runs.groups import difference, spread
from core.runs.store import StoredRun
from pages import run_columns
from pages.charts import chart_kit, run_charts
from pages.results import documents
from pages.settings.buttons import pressed
from pages.visit import saving, state
from pages.wording import luck
from pages.wording.escaping import plain

MOST_NAMED = 4  # settings in the name of a group


@dataclass(frozen=True, slots=True)
class Group:
    """Finished runs on the same data with the same settings but their seeds, at least one."""

    runs: tuple[StoredRun, ...]
    name: str

    @property
    def by_seeds(self) -> dict[str, StoredRun]:
        """The runs by their seeds; of runs with the same ones the newest."""
        return {_seeds(run): run for run in sorted(self.runs, key=lambda run: run.started_at)}

    @property
    def losses(self) -> dict[str, float]:
        """Their validation losses."""
        return {seeds: run.validation_loss or 0.0 for seeds, run in self.by_seeds.items()}


def show(mine: str, runs: Sequence[StoredRun]) -> None:
    """The groups with mean and spread, and two of them against each other."""
    of_data: dict[tuple[str | None, str], list[StoredRun]] = {}
    for run in runs:
        if run.validation_loss is not None and run.state == "finished":
            of_data.setdefault((run.corpus, run.data), []).append(run)
    if not of_data:
        st.caption("No run has finished yet.")
        return
    grouped = {data: _grouped(known) for (_, data), known in of_data.items()}
    for data, groups in grouped.items():
        st.markdown(f"**{plain(data)}**")
        st.dataframe(_table(groups), hide_index=True, width="stretch", height="content")
        if len(groups) > 1:
            _against(mine, data, groups)
        _committee(mine, data, [group for group in groups if len(group.losses) > 1])
    if all(len(group.losses) < 2 for groups in grouped.values() for group in groups):
        st.caption(
            "No settings were trained with a second seed yet, so nobody knows what luck does to "
            "them: Sweeps trains each point with several, or change the seeds under More on Train."
        )


def _seeds(run: StoredRun) -> str:
    return str([value for key, value in run.settings.items() if _is_seed(key)])


def _is_seed(key: str) -> bool:
    return key in run_columns.settings() and run_columns.is_seed(key)


def _grouped(runs: Sequence[StoredRun]) -> list[Group]:
    """Best mean first; each is named by the settings that aren't the same in all."""
    found: dict[str, list[StoredRun]] = {}
    for run in runs:
        found.setdefault(but_seeds(run.settings), []).append(run)
    differing = [key for key in run_columns.differing(runs) if not run_columns.is_seed(key)]
    groups = [Group(tuple(each), _name(each[0], differing)) for each in found.values()]
    return sorted(groups, key=lambda group: fmean(group.losses.values()))


def _name(run: StoredRun, differing: Sequence[str]) -> str:
    if not differing:
        return "The same settings"
    named = [f"{run_columns.label(key)} {run_columns.words(run, key)}" for key in differing]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more


def _table(groups: Sequence[Group]) -> pd.DataFrame:
    losses = [list(group.losses.values()) for group in groups]
    return pd.DataFrame(
        {
            "Settings": [group.name for group in groups],
            "Seeds": [len(each) for each in losses],
            "Validation, mean": [f"{fmean(each):.4f}" for each in losses],
            "Spread": [f"{spread(each):.4f}" if len(each) > 1 else "–" for each in losses],
            "Lowest": [f"{min(each):.4f}" for each in losses],
            "Highest": [f"{max(each):.4f}" for each in losses],
        }
    )


def _against(mine: str, data: str, groups: Sequence[Group]) -> None:
    """The difference of two groups, with its error, and their curves."""
    places = range(len(groups))
    with st.container(horizontal=True, gap="small"):
        first, second = (
            st.selectbox(
                title,
                places,
                index=index,
                format_func=lambda place: groups[place].name,
                key=f"kept_group:{data}:{index}",
                persist_state="session",
            )
            for index, title in enumerate(("Compare", "with"))
        )
    if first == second:
        st.caption("Choose two different ones.")
        return
    st.markdown(said(groups[first], groups[second]))
    runs = {place: groups[place].runs for place in (first, second)}
    keys = [run.key for each in runs.values() for run in each]
    curves = saving.writer().store().curves(mine, keys)
    bands = {
        groups[place].name: [curves[run.key] for run in each if run.key in curves]
        for place, each in runs.items()
    }
    st.plotly_chart(
        run_charts.bands({name: each for name, each in bands.items() if each}),
        key=f"kept_bands:{data}",
        width="stretch",
        config=chart_kit.CONFIG,
        alt=f"Training losses of {' and '.join(bands)}: the mean of the seeds, and their range",
    )


def said(one: Group, other: Group) -> str:
    """What the seeds say of two groups."""
    found = difference(one.losses, other.losses)
    low, high = (one, other) if found.mean >= 0 else (other, one)
    few = luck.TOO_FEW.get(found.n)
    gap = f"**{plain(low.name)}** is lower than **{plain(high.name)}** by "
    gap += luck.difference(found)
    if few:
        return f"{gap}. {few}"
    how = "seed by seed" if found.is_paired else "each with seeds of its own"
    clear = "more than luck" if found.is_clear else "it may well be luck, and more seeds would tell"
    return f"{gap} ({found.n} seeds, {how}): {clear}. {luck.PLUS_MINUS}"


def _committee(mine: str, data: str, groups: Sequence[Group]) -> None:
    """What the seeds of a group reach together, once it's asked for."""
    if not groups:
        return
    names = [group.name for group in groups]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = st.selectbox(
            "Committee of the seeds of",
            range(len(groups)),
            format_func=names.__getitem__,
            key=f"kept_committee:{data}",
            persist_state="session",
        )
        is_asked = pressed(
            "Ask the committee",
            key=f"kept_ask:{data}",
            help="The mean of their probabilities, on the validation set; the test set isn’t "
            "looked at. Sample can write with it.",
        )
    runs, tab = list(groups[place].by_seeds.values()), state.tab()
    keys = tuple(run.key for run in runs)
    if is_asked:
        with st.spinner("Asking the committee …"):
            try:
                found = saving.writer().store().load_some(mine, keys)
                members = [found[key] for key in keys if key in found]
                if len(members) > 1:
                    tab.committee = keys, [committee_said(each) for each in committees(members)]
                else:
                    st.caption("The weights of these runs aren’t kept, so there’s no committee.")
            except StoreError as error:
                st.error(plain(error))
    if tab.committee is not None and tab.committee[0] == keys:
        st.markdown("\n".join(f"- {each}" for each in tab.committee[1]))
        st.caption(luck.PLUS_MINUS)


def committee_said(found: Committee) -> str:
    """What a committee reaches beside its best member."""
    who = f"{len(found.members)} seeds together"
    if found.share:
        who += f", with {found.share:.0%} of counting"
    corpus = found.members[0].corpus
    new = "" if found.new is None else f", on new {documents(corpus)} {found.new:.4f}"
    how = "lower" if found.gain.value < 0 else "higher"
    said = f"{who}: validation **{found.loss:.4f}**{new}. That’s {how} than the best of them"
    clear = "" if found.gain.is_clear() else ", so luck may explain it"
    return f"{said}, {plain(found.best.title)}, by {found.gain}{clear}."
