"""Generalising."""

from __future__ import annotations

import streamlit as st

from core.lesson.generalising import answers, network
from core.lesson.generalising.answers import Answer
from core.lesson.generalising.network import EXPERIMENTS, Change, Experiment, Trained
from core.models import trigram_of
from core.text import Corpus, Question
from pages.lesson.generalising import charts
from pages.lesson.parts import shell, work
from pages.lesson.parts.figures import Level
from pages.lesson.parts.here import Here, chart, markdown_table

N_WORDS = 10  # in a picture
SEEDS = range(1, 11)
NAMES: dict[str, Experiment] = {one.name: one for one in EXPERIMENTS}


def question_of(here: Here, corpus: Corpus) -> Question:
    """Ask which beginning to continue."""
    by_text = {f"{one.context} …": one for one in corpus.questions}
    picked = st.selectbox(
        "A sentence begins",
        list(by_text),
        format_func=lambda text: text if by_text[text].held_out else f"{text} (seen)",
        help="The last two words of most of these never occur together in the whole language. "
        "Where they do, it says ‘seen’.",
        width=270,
        **here.bound("question"),
    )
    return by_text[picked]


def trained(change: Change, seed: int) -> Trained:
    """The network with one change, trained now unless it's known."""
    return work.done(
        ("generalising", change, seed),
        lambda: network.training(change, seed),
        "3,000 steps on the small language; any click ends them …",
    )


def bars(answer: Answer, corpus: Corpus, *, title: str, key: str) -> None:
    """What a model expects next."""
    top = answer.top(N_WORDS)
    labels = corpus.vocabulary.labels
    st.markdown(f"**{title}**: **{answer.mass:.1%}** on the right kind")
    chart(
        charts.next_words(
            [labels[i] for i, _ in top],
            [p for _, p in top],
            [i in answer.right for i, _ in top],
        ),
        key=key,
        alt=f"The {N_WORDS} most probable next words; those of the right kind are ticked",
    )


def both(question: Question, chosen: Experiment, seed: int) -> None:
    """What the trigram and the network expect next."""
    left, right = st.columns(2, gap="medium")
    with left:
        counted = answers.answer(trigram_of(language), language, question)
        bars(counted, language, title="Trigram", key="generalising.trigram")
        if question.held_out:
            st.caption("It only knows what follows ‘a’ anywhere.")
    with right:
        learned = trained(chosen.change, seed)
        answered = answers.answer(learned.model, learned.corpus, question)
        bars(answered, language, title=f"Network ({chosen.name})", key="generalising.network")
        st.caption(chosen.about)


def compared(corpus: Corpus) -> None:
    """Each change's score over the seeds that were run so far, beside counting."""
    counts = answers.score(trigram_of(corpus), corpus).mean
    longer = answers.score(answers.kneser_ney(corpus), corpus).mean
    rows, masses = [], {}
    for one in EXPERIMENTS:
        runs = [run for seed in SEEDS if (run := network.known(one.change, seed)) is not None]
        found = [answers.score(run.model, run.corpus).mean for run in runs]
        masses[one.name] = found
        if not found:
            rows.append([one.name, "not run yet", "", "", ""])
            continue
        mean, low, high = answers.spread(found)
        loss, _, _ = answers.spread([run.val_loss for run in runs])
        spread = f"**{mean:.1%}** {f'{low:.0%} to {high:.0%}' if len(found) > 1 else ''}"
        rows.append([one.name, spread, f"{mean / counts:.1f} ×", f"{loss:.3f}", str(len(found))])
    rows.append(["*Trigram*", f"{counts:.1%}", "1 ×", "", ""])
    rows.append(["*Kneser–Ney, 4 words*", f"{longer:.1%}", f"{longer / counts:.1f} ×", "", ""])
    held_out = sum(one.held_out for one in corpus.questions)
    st.markdown(f"**The mean over the {held_out} beginnings that no table of counts knows**")
    table, picture = st.columns([3, 2], gap="medium")
    with table:
        heads = ["The network", "On the right kind", "To the trigram", "Val. loss", "Seeds"]
        markdown_table(heads, rows, "llrrr")
        st.caption(
            "Kneser–Ney of 4 words sees as much as the network. Each seed is another start and "
            "other batches; what you run is added."
        )
    with picture:
        chart(
            charts.changes(masses, Level("trigram", counts)),
            key="generalising.changes",
            alt="Mass on the right kind for each change, a point for each seed, and the trigram’s",
        )


here = shell.begin("generalising", is_on_names=False)
language = network.corpus_of()
with here.stage:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        question = question_of(here, language)
        chosen = NAMES[here.pick("The network", NAMES, "change")]
        seed = st.slider("Seed", SEEDS[0], SEEDS[-1], width=130, **here.bound("seed"))
    here.answer(lambda: both(question, chosen, seed))
    seen = answers.followers(language, question)
    last_two = " ".join(question.context.split()[-2:])
    st.markdown(
        f"‘{question.context} …’: ‘{last_two}’ occurs "
        f"**{'nowhere' if not seen else f'{seen:,} times'}** in the language. "
        "✓ and a filled bar: a word of the right kind."
    )
    if here.is_revealed:
        compared(language)

shell.end(
    here,
    network.code(here.config, chosen.change, seed, question.context, question.right),
)
