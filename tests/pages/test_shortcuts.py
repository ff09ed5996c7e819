"""What a session holds, looked up name by name: the same as Streamlit's own answer."""

from __future__ import annotations

import pytest
from streamlit.runtime.state.safe_session_state import SafeSessionState

from server.shortcuts import HeldState
from tests.pages.conftest import Visitor


def both(visitor: Visitor) -> tuple[HeldState, dict[str, object]]:
    safe = visitor.app.session_state._state
    assert isinstance(safe, SafeSessionState)
    return HeldState(safe), SafeSessionState.filtered_state.fget(safe)  # type: ignore[attr-defined]


def test_each_name_gives_what_streamlit_gives(visitor: Visitor) -> None:
    visitor.train()
    visitor.number_input(key="setting:seed").set_value(5)
    visitor.draw()
    held, gathered = both(visitor)
    assert gathered["setting:seed"] == 5
    assert len(gathered) > 50
    assert {name: held[name] for name in gathered} == gathered
    assert set(held) == set(gathered)
    assert len(held) == len(gathered)
    assert repr(held) == repr(gathered)


def test_what_streamlit_leaves_out_is_not_there(visitor: Visitor) -> None:
    held, gathered = both(visitor)
    keys = {*held._state._state._keys()} | {"nothing of this name"}
    left_out = keys - set(gathered)
    assert len(left_out) > 10
    assert not [key for key in left_out if key in held]
    with pytest.raises(KeyError):
        held["nothing of this name"]


def test_pages_are_drawn_the_same_with_it(
    monkeypatch: pytest.MonkeyPatch, visitor: Visitor
) -> None:
    def drawn() -> list[str]:
        return [str(element) for element in visitor.draw().main] + [
            str(element) for element in visitor.sidebar
        ]

    before = drawn()
    monkeypatch.setattr(SafeSessionState, "filtered_state", property(HeldState))
    assert drawn() == before
