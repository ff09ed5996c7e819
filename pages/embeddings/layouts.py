"""A t-SNE of a run's embeddings: begun on a press, computed beside everything else."""

from __future__ import annotations

import threading

import numpy as np
import streamlit as st

from core.learning import lower_priority
from core.models.layout import LAYOUT_TOKENS, Points, StoppedError, is_installed, tsne
from core.runs import ENDING, SEATS, RunRecord
from pages.settings.buttons import pressed
from pages.visit import state
from pages.wording.escaping import plain

LOOK_SECONDS = 1.0


class Layout:
    """The t-SNE of one run at one step, under way or done."""

    def __init__(self, run: RunRecord) -> None:
        self.of = (run.run_id, run.step)
        self.share = 0.0
        self.points: Points | None = None
        self.error = ""
        self.is_stopped = False
        self._table = run.parameters["C"][:LAYOUT_TOKENS].numpy().copy()
        self.thread = threading.Thread(target=self._work, name="layout", daemon=True)
        self.thread.start()
        ENDING.include(self)

    @property
    def has_nothing(self) -> bool:
        """Whether it was stopped before there was a map."""
        return self.points is None and not self.error and not self.thread.is_alive()

    def stop(self) -> None:
        """End the work."""
        self.is_stopped = True

    def join(self, timeout: float) -> None:
        """Wait until the thread has ended, or for the time to pass."""
        self.thread.join(timeout)

    def _work(self) -> None:
        lower_priority()
        try:
            with SEATS:
                self.points = tsne(self._table, self._look)
        except StoppedError:
            pass
        except ValueError as error:
            self.error = str(error)

    def _look(self, share: float) -> bool:
        self.share = share
        if SEATS.n_waiting:  # who trains gets a turn
            SEATS.release()
            SEATS.acquire()
        return not self.is_stopped


def choose(run: RunRecord) -> tuple[int, Points] | None:
    """Draw the choice between the principal components and t-SNE.

    Returns:
        The step of the t-SNE and its points, float32 (n, 2), if that is what is to be shown.
    """
    if run.config.model.n_embd < 3:
        return None
    if not is_installed():
        st.caption(
            "A map by t-SNE needs two more packages, 65 MB: `pip install -r requirements-tsne.txt` "
            "beside Namesmith, and start it again."
        )
        return None
    tab = state.tab()
    here: Layout | None = tab.layout
    if here is not None and (here.of[0] != run.run_id or here.has_nothing):
        here.stop()
        here = tab.layout = None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if here is None:
            how_many = min(LAYOUT_TOKENS, len(run.corpus.vocabulary))
            if pressed(
                "Lay out by t-SNE",
                key="tsne",
                help=f"Puts {how_many:,} {run.corpus.unit}s so that near ones stay near, even "
                "where two directions don't suffice (van der Maaten and Hinton 2008). Takes a few "
                "seconds.",
            ):
                tab.layout = Layout(run)
                st.rerun()
            return None
        if here.points is None and here.thread.is_alive():
            _wait(here)
            return None
        if here.error:
            st.error(plain(here.error))
        if pressed("Back to the two directions", key="pca"):
            tab.layout = None
            st.rerun()
    if here.points is None:
        return None
    if here.of[1] != run.step:
        st.caption(f"Laid out at step {here.of[1]:,}; the run is at step {run.step:,}.")
    return here.of[1], np.asarray(here.points)


@st.fragment(run_every=LOOK_SECONDS)
def _wait(layout: Layout) -> None:
    """How far it is, until it is there."""
    if not layout.thread.is_alive():
        st.rerun()
    st.progress(layout.share, f"t-SNE, {layout.share:.0%}", width=300)
    if st.button("Stop", key="stop_tsne"):
        layout.stop()
        layout.thread.join(timeout=2)
        state.tab().layout = None
        st.rerun()
