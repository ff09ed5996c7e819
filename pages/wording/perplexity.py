"""Losses as a reader of the field knows them: nats, and the perplexity that they mean."""

from __future__ import annotations

import math

from core.text import Unit


def perplexity(loss: float) -> str:
    """E to the loss: among how many equally likely tokens one would have to choose.

    >>> perplexity(5.5607), perplexity(2.1), perplexity(11.0)
    ('260', '8.2', '59,874')
    """
    if math.isnan(loss):
        return "unknown"
    if loss > 100:  # nobody reads the digits of a number so large, and exp overflows at 710
        return "more than 10⁴³"
    value = math.exp(loss)
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def loss_in_words(loss: float, unit: Unit) -> str:
    """A loss with its unit, and for words with its perplexity.

    >>> loss_in_words(5.5607, "word"), loss_in_words(2.1, "character")
    ('5.56 nats a word, perplexity 260', '2.10 nats a character')
    """
    said = f"{loss:.2f} nats a {unit}"
    return f"{said}, perplexity {perplexity(loss)}" if unit == "word" else said
