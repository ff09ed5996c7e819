"""The chapter idea as a page."""

from __future__ import annotations

from core.text import Corpus

WORDS = ("anna", "hanna", "ana", "banana", "hana", "nan", "han", "bana", "ahna", "nabab")


def test_swapped_words_make_more_sentences(visitor) -> None:
    visitor.open("lesson/idea/page.py")
    assert "The **dog** is **running** in the bedroom" in visitor.text
    assert "2² = **4**" in visitor.text
    pills = visitor.pills(key="idea.swaps")
    pills.set_value(pills.options)
    visitor.draw()
    assert "**A** **dog** **was** **running** in **a** **room**" in visitor.text
    assert "2⁶ = **64**" in visitor.text


def test_the_papers_hidden_units_change_its_parameters_alone(visitor) -> None:
    visitor.open("lesson/idea/page.py")
    assert "**2,236,100** | **3,481**" in visitor.text
    visitor.slider(key="idea.paper_hidden").set_value(50)
    visitor.draw()
    assert "**1,381,550** | **3,481**" in visitor.text


def test_our_network_has_the_settings_sizes(visitor) -> None:
    for name in ("block_size", "n_embd", "n_hidden"):
        visitor.app.session_state[f"setting:{name}"] = 1
    visitor.app.session_state["session"].corpus = Corpus.of_words("small", WORDS)
    visitor.open("lesson/idea/page.py")
    # C 5·1, W1 1·1, b1 1, W2 1·5, b2 5
    assert "Ours, in your sizes: 17 parameters" in visitor.text


def test_the_largest_sizes_fit(visitor) -> None:
    for name, value in {"block_size": 16, "n_embd": 64, "n_hidden": 1024}.items():
        visitor.app.session_state[f"setting:{name}"] = value
    visitor.open("lesson/idea/page.py")
    assert "Of 64 numbers each" in visitor.text


def test_the_map_of_characters_is_the_readers_own_after_a_run(visitor) -> None:
    visitor.open("lesson/idea/page.py")
    assert "random before training" in visitor.text
    visitor.train()
    assert "Characters: Run 1, step 40" in visitor.text


def test_a_link_holds_what_was_moved(visitor) -> None:
    visitor.query_params["idea.paper_hidden"] = "60"
    visitor.query_params["idea.swaps"] = "cat → dog"
    visitor.open("lesson/idea/page.py")
    assert visitor.slider(key="idea.paper_hidden").value == 60
    assert "2¹ = **2**" in visitor.text
