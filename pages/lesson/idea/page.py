"""Chapter 2: the paper's idea."""

from __future__ import annotations

import streamlit as st

from core.lesson import idea
from core.models import embeddings
from pages.lesson.idea import charts
from pages.parts import session
from pages.parts.lesson import numbers, shell

here = shell.begin(idea.CHAPTER)
itos = here.corpus.vocabulary.itos
swaps = {
    f"{idea.SENTENCE[place].seen} → {idea.SENTENCE[place].partner}": place
    for place in idea.SWAPPABLE
}

with here.stage:
    picked = st.pills(
        "Swap words of ‘The cat is walking in the bedroom’",
        list(swaps),
        selection_mode="multi",
        default=["cat → dog", "walking → running"],
        key="idea.swaps",
        bind="query-params",
    )
    swapped = sorted(swaps[label] for label in picked)
    spoken_for = idea.sentences(swapped)
    words = " ".join(
        f"**{word}**" if place in swapped else word
        for place, word in enumerate(idea.sentence(swapped))
    )
    k = len(swapped)
    st.markdown(
        f"‘{words}’: with {k} {'word' if k == 1 else 'words'} to swap, one sentence that was seen "
        f"speaks for {numbers.power(2, k)} = **{len(spoken_for)}**. "
        "A table of counts has seen 1 of them."
    )

    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Words: partners lie near each other**")
        shell.chart(
            charts.word_map(swapped),
            key="idea.words",
            alt="Words as points; the, cat, is, walking and bedroom each lie beside their partner, "
            "and an arrow shows each swap",
        )
        st.caption("Drawn by hand for the idea; no model learnt these places.")
    with right:
        snapshot = session.snapshot()
        if snapshot is None:
            C, characters = here.model.C, itos
            heading = "Characters: random before training"
            said = "Your initial C: nothing is learnt yet, so who is near whom means nothing. "
            said += "Train, and come back to see your own."
        else:
            C, characters = snapshot.model.C, snapshot.corpus.vocabulary.itos
            heading = f"Characters: {snapshot.title}, step {snapshot.step:,}"
            said = "Learnt by your own run: nothing told it which characters are alike."
        if C.shape[1] > 2:
            said += f" Of {C.shape[1]} numbers each, the two main directions (PCA)."
        st.markdown(f"**{heading}**")
        shell.chart(
            charts.character_map(embeddings.project(C).points, characters),
            key="idea.characters",
            alt="Characters as points in the plane",
        )
        st.caption(said)

    paper_hidden = st.slider(
        "Hidden units of the paper’s network",
        10,
        200,
        value=100,
        step=10,
        key="idea.paper_hidden",
        bind="query-params",
        help="The tutorial leaves them open; the paper’s experiments have 50 to 100.",
        width=320,
    )
    paper, ours = idea.paper_sizes(paper_hidden), idea.our_sizes(here.config, len(itos))
    context = here.five_names.contexts[min(3, len(here.five_names.contexts) - 1)].tolist()
    drawn = (
        ("The paper’s network", paper, idea.sentence(())[:3], "words"),
        ("Ours, in your sizes", ours, [itos[index] for index in context], "characters"),
    )
    for column, (title, sizes, tokens, word) in zip(
        st.columns(2, gap="medium"), drawn, strict=True
    ):
        with column:
            st.markdown(f"**{title}: {sizes.n_parameters:,} parameters**")
            shell.chart(
                charts.network(sizes, tokens, word),
                key=f"idea.{word}_network",
                alt=f"{title}: {sizes.block_size} {word} of context, {sizes.n_embd} numbers each, "
                f"{sizes.n_inputs} inputs, {sizes.n_hidden} tanh units, {sizes.vocab_size} outputs",
            )
    st.caption(
        "From the context at the foot to the probabilities at the top; widths by the logarithm of "
        "the units, parameters between the layers."
    )
    rows = [
        f"| {mine.symbol} | {mine.about} | {theirs.n_parameters:,} | {mine.n_parameters:,} |"
        for theirs, mine in zip(paper.layers, ours.layers, strict=True)
    ]
    st.markdown(
        "\n".join(
            [
                "| | Parameters | The paper | Ours |",
                "| --- | --- | ---: | ---: |",
                *rows,
                f"| | **in all** | **{paper.n_parameters:,}** | **{ours.n_parameters:,}** |",
                f"| | a table of counts with as much context | {numbers.large(paper.n_cells)} "
                f"| {numbers.large(ours.n_cells)} |",
            ]
        )
    )
    st.caption(
        f"The paper’s optional direct connections, from the inputs to the scores, would add "
        f"{paper.n_direct:,} to its parameters."
    )
    likelihood = idea.mean_log_likelihood(here.model, here.five_names)
    st.markdown(
        f"Before training, the {len(here.five_names.targets)} examples of the first five words "
        f"have a mean log-likelihood of **{likelihood:.4f}**: a loss of **{-likelihood:.4f}**."
    )

shell.end(here, idea.code(here.config, tuple(swapped), paper_hidden))
