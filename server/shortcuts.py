"""A shorter way through Streamlit for what each run of a page does several times.

It replaces one of its own properties by one that says the same in less time, so it belongs to the
version that is pinned; a test holds it against what it replaces. docs/performance.md has what it
saves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamlit.runtime.state.common import is_element_id
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import _is_internal_key

_FILTERED_STATE = SafeSessionState.filtered_state


def take() -> None:
    """Take it, before the first visitor comes."""
    SafeSessionState.filtered_state = property(HeldState)  # type: ignore[assignment, method-assign]


class HeldState(Mapping[str, Any]):
    """A session's values by the names that the app gave them, each looked up when asked for.

    Streamlit gathers all of them each time a slider or a field wants to know one.
    """

    __slots__ = ("_state",)

    def __init__(self, state: SafeSessionState) -> None:
        self._state = state

    def __getitem__(self, key: str) -> Any:
        if is_element_id(key) or _is_internal_key(key):
            raise KeyError(key)
        with self._state._lock:
            return self._state._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._gathered())

    def __len__(self) -> int:
        return len(self._gathered())

    def __repr__(self) -> str:
        return repr(self._gathered())

    def _gathered(self) -> dict[str, Any]:
        gathered: dict[str, Any] = _FILTERED_STATE.fget(self._state)  # type: ignore[attr-defined]
        return gathered
