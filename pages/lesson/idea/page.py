"""The paper's idea."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from torch import Tensor

from core.lesson import scope
from core.lesson.generalising import network
from core.lesson.idea import sentence, sizes
from core.models import MLP, embeddings
from core.text import Corpus
from pages.lesson.idea import charts
from pages.lesson.parts import shell, work
from pages.lesson.parts.here import Here, chart, markdown_table
from pages.visit import session
from pages.wording import numbers
from pages.wording.escaping import plain

WHEN = ["Before training", "Trained"]
N_NEAR = 3  # words that are named beside a swapped one


def words_shown(
    the_map: DeltaGenerator, swapped: list[int], seed: int, *, is_trained: bool
) -> None:
    """The words of the small language in the plane, and the neighbours of the swapped ones."""
    corpus = network.corpus_of()
    config = network.run_config("plane", seed)
    if is_trained:
        C = work.done(
            ("idea.words", seed),
            lambda: network.training("plane", seed),
            f"A network learns {len(corpus):,} sentences; any click ends it …",
        ).model.C
    else:
        C = MLP(config.model, len(corpus.vocabulary)).C
    itos = corpus.vocabulary.itos
    with the_map:
        chart(
            charts.word_map(embeddings.project(C).points, itos, corpus.kinds, swapped),
            key="idea.words",
            alt="Words as points, told apart by kind, with the words of both sentences named; an "
            "arrow shows each swap",
        )
    company = embeddings.same_kind(C, corpus.kinds, "euclidean")
    assert company is not None  # the language has twelve kinds
    near = [
        f"{word.seen}: {', '.join(itos[i] for i in nearest_words(C, corpus, word.seen))}"
        for place, word in enumerate(sentence.SENTENCE)
        if place in swapped
    ]
    st.markdown(
        f"For **{company.share:.0%}** of the words the nearest one is of their own kind; by chance "
        f"it’d be {company.chance:.0%}."
        + " Nearest to " * bool(near)
        + "; to ".join(near)
        + "." * bool(near)
    )
    st.caption(
        f"Nobody told it which words are alike: it guessed the next word in {len(corpus):,} "
        f"sentences of {len(itos) - 1} words, for {config.training.steps:,} steps."
        if is_trained
        else "Nothing is learned yet: each word is where chance put it."
    )


def nearest_words(C: Tensor, corpus: Corpus, word: str) -> list[int]:
    """Ids of the words nearest to one, without the boundary."""
    near = embeddings.nearest(C, corpus.vocabulary.stoi[word.lower()], N_NEAR + 1)
    return [index for index, _ in near if index][:N_NEAR]


def characters_shown(here: Here) -> None:
    """The characters in the plane, as the visitor's own run has put them, if there is one."""
    snapshot = session.snapshot()
    if snapshot is None or not scope.has_few_characters(snapshot.corpus):
        C, vocabulary = here.model.C, here.corpus.vocabulary
        heading = "Characters: random before training"
        said = "Nothing is learned yet. Train on names, and come back to see your own."
    else:
        C, vocabulary = snapshot.model.C, snapshot.corpus.vocabulary
        heading = f"Characters: {plain(snapshot.title)}, step {snapshot.step:,}"
        said = "Learned by your own run."
    if C.shape[1] > 2:
        said += f" Of {C.shape[1]} numbers each, the two main directions (PCA)."
    st.markdown(f"**{heading}**")
    chart(
        charts.character_map(embeddings.project(C).points, vocabulary),
        key="idea.characters",
        alt="Characters as points in the plane",
    )
    st.caption(said)


here = shell.begin("idea")
labels = here.corpus.vocabulary.labels
swaps = {
    f"{sentence.SENTENCE[place].seen} → {sentence.SENTENCE[place].partner}": place
    for place in sentence.SWAPPABLE
}

with here.stage:
    picked = st.pills(
        "Swap words of ‘The cat is walking in the bedroom’",
        list(swaps),
        selection_mode="multi",
        default=["cat → dog", "walking → running"],
        **here.bound("swaps"),
    )
    swapped = sorted(swaps[label] for label in picked)
    the_map = st.container()  # above its controls, so that a stage shows all of it
    spoken_for = sentence.sentences(swapped)
    said = " ".join(
        f"**{word}**" if place in swapped else word
        for place, word in enumerate(sentence.sentence(swapped))
    )
    k = len(swapped)
    st.markdown(
        f"‘{said}’: with {k} {'word' if k == 1 else 'words'} to swap, one sentence speaks for "
        f"{numbers.power(2, k)} = **{len(spoken_for)}**. To a table of counts, for itself."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        when = here.pick("The network of words", WHEN, "when", first=WHEN[1])
        seed = st.slider("Seed", 1, 10, 1, width=200, **here.bound("seed"))
    words_shown(the_map, swapped, seed, is_trained=when != WHEN[0])
    characters_shown(here)

    paper_hidden = st.slider(
        "Hidden units of the paper’s network",
        10,
        200,
        value=100,
        step=10,
        help="The tutorial leaves them open; the paper’s experiments have 50 to 100.",
        width=320,
        **here.bound("paper_hidden"),
    )
    paper, ours = sizes.paper_sizes(paper_hidden), sizes.our_sizes(here.config, len(labels))
    context = here.five_names.contexts[min(3, len(here.five_names.contexts) - 1)].tolist()
    drawn = (
        ("The paper’s network", paper, sentence.sentence(())[:3], "words"),
        ("Ours, in your sizes", ours, [labels[index] for index in context], "characters"),
    )
    for column, (title, of, tokens, word) in zip(st.columns(2, gap="medium"), drawn, strict=True):
        with column:
            st.markdown(f"**{title}: {of.n_parameters:,} parameters**")
            chart(
                charts.network(of, tokens, word),
                key=f"idea.{word}_network",
                alt=f"{title}: {of.block_size} {word} of context, {of.n_embd} numbers each, "
                f"{of.n_inputs} inputs, {of.n_hidden} tanh units, {of.vocab_size} outputs",
            )
    st.caption("From the context, at the foot, to the probabilities. Widths: log scale.")
    rows = [
        [mine.symbol, mine.about, f"{theirs.n_parameters:,}", f"{mine.n_parameters:,}"]
        for theirs, mine in zip(paper.layers, ours.layers, strict=True)
    ]
    in_all = [f"**{sizes.n_parameters:,}**" for sizes in (paper, ours)]
    cells = [numbers.large(sizes.n_cells) for sizes in (paper, ours)]
    rows += [["", "**in all**", *in_all], ["", "a table of counts with as much context", *cells]]
    markdown_table(["", "Parameters", "The paper", "Ours"], rows, "llrr")
    st.caption(f"The paper’s optional direct connections would add {paper.n_direct:,} parameters.")
    likelihood = sizes.mean_log_likelihood(here.model, here.five_names)
    st.markdown(
        f"Before training, the first {len(here.five_names.targets)} examples have a mean "
        f"log-likelihood of **{likelihood:.4f}**: a loss of **{-likelihood:.4f}**."
    )

shell.end(here, sizes.code(here.config, tuple(swapped), paper_hidden, seed))
