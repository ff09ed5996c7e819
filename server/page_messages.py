"""Looks at what a page sends before Streamlit does: at its kind, and at how much is in it."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from starlette.types import Message

from server import streamlit_inside
from server.rates import TOO_LARGE, Verdict

MOST_ITEMS = 300  # states of widgets, or names of files; the largest page has 20 of these
MOST_BESIDES = 32_000  # bytes beside the longest text; a page sends some 1,200


def look(message: Message) -> Verdict:
    """Whether Streamlit gets a message; of a forged one it would make hundreds of megabytes."""
    data = message.get("bytes")
    if data is None:
        return 1003, "Streamlit's messages aren't text."
    try:
        kind, n_items, texts = streamlit_inside.asked(data)
    except DecodeError:
        return 1007, "That's no message of Streamlit's."
    if kind in streamlit_inside.FOR_DEVELOPERS:
        return "drop"
    if n_items > MOST_ITEMS:
        return 1008, f"This page sent the states of more than {MOST_ITEMS} widgets."
    if len(data) > MOST_BESIDES and len(data) - max(texts, default=0) > MOST_BESIDES:
        return 1009, TOO_LARGE
    return "take"
