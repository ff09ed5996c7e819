"""Glossary: every term in one sentence, with its symbol and shape."""

from __future__ import annotations

import html

import streamlit as st

from pages.wording.glossary import TERMS

st.markdown("Every term on these pages. Hover over one in a chapter, or tap it, to read it there.")
entries = [
    f"<div><dt>{html.escape(name)} "
    + "".join(f"<code>{html.escape(part)}</code> " for part in (term.symbol, term.shape) if part)
    + f"</dt><dd>{html.escape(term.sentence)}</dd></div>"
    for name, term in sorted(TERMS.items(), key=lambda item: item[0].lower())
]
st.html(f'<dl class="nm-glossary">{"".join(entries)}</dl>')
