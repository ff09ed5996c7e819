"""Looks at what a page sends before Streamlit does: at its kind, and at how much is in it."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg

from server.rates import TOO_LARGE, Verdict

MOST_ITEMS = 300  # states of widgets, or names of files; the largest page has 20 of these
MOST_BESIDES = 32_000  # bytes beside the longest text; a page sends some 1,200
# What only the menu for developers asks for. Two of them would reach beyond the visitor: the cache
# is everyone's, and the server waits for git.
_FOR_DEVELOPERS = {"clear_cache", "load_git_info", "set_run_on_save"}


def look(message: Message) -> Verdict:
    """Whether Streamlit gets a message; of a forged one it would make hundreds of megabytes."""
    data = message.get("bytes")
    if data is None:
        return 1003, "Streamlit's messages aren't text."
    try:
        asked = BackMsg.FromString(data)
    except DecodeError:
        return 1007, "That's no message of Streamlit's."
    if asked.WhichOneof("type") in _FOR_DEVELOPERS:
        return "drop"
    states = asked.rerun_script.widget_states.widgets
    if len(states) + len(asked.file_urls_request.file_names) > MOST_ITEMS:
        return 1008, f"This page sent the states of more than {MOST_ITEMS} widgets."
    if len(data) > MOST_BESIDES:
        texts = (each.ByteSize() for each in states if each.WhichOneof("value") == "string_value")
        if len(data) - max(texts, default=0) > MOST_BESIDES:
            return 1009, TOO_LARGE
    return "take"
