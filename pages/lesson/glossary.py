"""Glossary: every term in one sentence, with its symbol and shape."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts.glossary import TERMS

st.markdown("Every term on these pages. Hover over one in a chapter and it says the same.")
st.table(
    pd.DataFrame(
        [
            {
                "Term": name,
                "What it is": term.sentence,
                "Symbol": f"`{term.symbol}`" if term.symbol else "",
                "Shape": f"`{term.shape}`" if term.shape else "",
            }
            for name, term in sorted(TERMS.items())
        ]
    ).set_index("Term")
)
