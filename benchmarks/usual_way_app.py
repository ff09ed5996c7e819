"""The usual way, for comparison: a torch loop in a thread, and a chart in a timed fragment.

It is what most dashboards of this kind do, with the same data and sizes, and nothing of ours but
the corpus. `streamlit run benchmarks/usual_way_app.py` shows it; `benchmarks/load_test.py` and
`scripts/benchmark.py` measure it beside the live view.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st
import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.text import Examples, embedded_corpus

REFRESH_SECONDS = 0.25
MAX_POINTS = 1000  # shown; the losses between them are left out


class Training(threading.Thread):
    """`nn.Module` and `optim.SGD` in a thread, as often seen."""

    def __init__(self, n_embd: int, n_hidden: int, n_steps: int) -> None:
        super().__init__(name="run-1", daemon=True)
        self.n_steps = n_steps
        self.losses: list[float] = []
        self.examples: Examples = embedded_corpus().examples("train", 3)
        n_characters = len(embedded_corpus().vocabulary)
        self.network = nn.Sequential(
            nn.Embedding(n_characters, n_embd),
            nn.Flatten(),
            nn.Linear(3 * n_embd, n_hidden),
            nn.Tanh(),
            nn.Linear(n_hidden, n_characters),
        )

    def run(self) -> None:
        """Train to the end; nobody stops it."""
        contexts, targets = self.examples
        optimizer = torch.optim.SGD(self.network.parameters(), lr=0.1)
        generator = torch.Generator().manual_seed(1)
        while len(self.losses) < self.n_steps:
            rows = torch.randint(0, len(targets), (32,), generator=generator)
            loss = F.cross_entropy(self.network(contexts[rows]), targets[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            self.losses.append(loss.item())


@st.fragment(run_every=REFRESH_SECONDS)
def chart() -> None:
    """The loss so far, drawn anew at each refresh."""
    training: Training | None = st.session_state.get("training")
    losses = training.losses[:] if training else []
    every = max(1, len(losses) // MAX_POINTS)
    figure = go.Figure(
        go.Scatter(x=list(range(0, len(losses), every)), y=losses[::every], mode="lines")
    )
    figure.update_layout(xaxis_title="Step", yaxis_title="Loss", uirevision="run")
    st.plotly_chart(figure, key="loss")
    st.metric("Step", f"{len(losses):,}")


torch.set_num_threads(1)
st.set_page_config(page_title="The usual way", layout="wide")
chosen = st.query_params
steps = st.sidebar.number_input("Steps", 1, 1_000_000, int(chosen.get("steps", 30_000)))
embd = st.sidebar.slider("Embedding size", 1, 64, int(chosen.get("n_embd", 2)))
hidden = st.sidebar.slider("Hidden units", 1, 1024, int(chosen.get("n_hidden", 100)))
if st.button("Train", type="primary"):
    st.session_state["training"] = Training(embd, hidden, steps)
    st.session_state["training"].start()
chart()
