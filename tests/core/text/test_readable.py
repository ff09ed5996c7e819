"""Tokens as a reader expects them."""

from __future__ import annotations

import pytest

from core.text import cut_tokens, readable


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("", ""),
        ("The jury said , `` no evidence '' .", "The jury said, “no evidence”."),
        ("`` Well '' ? ?", "“Well”?"),
        ("a ; ; b : c !", "a; b: c!"),
        ("the ( small ) cat [ 1 ]", "the (small) cat [1]"),
        ("one -- two", "one – two"),
        ("dogs ' tails", "dogs’ tails"),
        ("it 's 5 %", "it 's 5%"),
        ("$ 5 , £ 6", "$5, £6"),
        ("wait ... what …", "wait... what…"),
        ('" Go ! " he said . " Now . "', "“Go!” he said. “Now.”"),
        ("no no , no", "no no, no"),
        ("the <rare> ¶", "the <rare> ¶"),
        (". . .", "..."),
        ("a well @-@ known 2 @,@ 400 .", "a well-known 2,400."),
        ("हिन्दी भाषा । क्या ?", "हिन्दी भाषा। क्या?"),
        ("نه ، می\u200cرود ؟", "نه، می\u200cرود؟"),
        ("「 我 用 GPT 」 ， 他 说 。 好", "「我用 GPT」，他说。好"),
    ],
)
def test_marks_stand_where_a_reader_expects_them(tokens: str, text: str) -> None:
    assert readable(tokens) == text


def test_names_are_left_alone() -> None:
    assert readable("o''neil", "character") == "o''neil"


def test_a_text_that_was_cut_comes_back() -> None:
    text = "He didn't know (or care), he said: it's 3.14, no more! “Is it?” she asked…"
    assert readable(" ".join(cut_tokens(text))) == text
