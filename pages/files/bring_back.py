"""A run's file dropped on the page: checked, and there again among the runs."""

from __future__ import annotations

import streamlit as st

from core.errors import CheckpointError
from core.runs.codec.arrays import MAX_BYTES
from core.runs.files.run_file import from_bytes
from core.runs.store import OWN
from core.text import is_built_in
from pages.visit import session, state, workspace
from pages.wording.escaping import plain
from server import streamlit_inside

MOST_MB = MAX_BYTES // 1_000_000  # of a file
PUBLIC_MB = 10  # of one where many share the server's memory
WRAPPING_MB = 1  # at most, of what a browser puts around a file


def let_files_in() -> None:
    """Have the server take files as large as these; its own bound holds for every upload."""
    largest = PUBLIC_MB if workspace.is_open() else MOST_MB
    streamlit_inside.allow_uploads(largest + WRAPPING_MB)


def offer() -> None:
    """A place to drop the file of a run; what was dropped is among the session's runs at once."""
    with st.popover("Bring a run back", icon=":material/upload:"):
        mine = state.tab()
        uploaded = st.file_uploader(
            "The .safetensors file of a run",
            type=["safetensors", "json", "npz"],
            key=f"brought_back:{mine.brought_back_fields}",
            max_upload_size=_most_mb(),
            help="A file from ‘Download’. It’s checked before anything of it is used.",
        )
        if uploaded is not None:
            said = _taken(uploaded.getvalue())
            mine.brought_back_said = (uploaded.name, *said)
            mine.brought_back_fields += 1  # the field is empty again
            st.rerun()
        name, is_there, words = mine.brought_back_said
        if words and is_there:
            st.success(plain(words))
        elif words:
            st.error(f"{plain(name)} couldn’t be used: {plain(words)}")


def _most_mb() -> int:
    is_alone = session.current().workspace == OWN and not workspace.is_open()
    return MOST_MB if is_alone else PUBLIC_MB


def _taken(data: bytes) -> tuple[bool, str]:
    """Take a run in; whether that was done, and what to say."""
    mine = session.current()
    known = {id(corpus): corpus for corpus in session.corpora()}
    try:
        record = from_bytes(data, known.values())
    except CheckpointError as error:
        return False, str(error)
    run_id = mine.trainer.bring_back(record)
    name = f", ‘{record.name}’" if record.name else ""
    said = f"It’s there again as run {run_id}{name}."
    if record.corpus not in known.values() and not is_built_in(record.corpus):
        mine.corpus = record.corpus
        said += f" Its words came with it and are in use now: ‘{record.corpus.name}’."
    return True, said
