"""Tables as files: CSV that no spreadsheet takes for formulas, and Parquet."""

from __future__ import annotations

import io
import re
from typing import Any

import pandas as pd

from core.runs.files.tables import Table
from pages.wording.escaping import cell


def as_csv(table: Table) -> bytes:
    """UTF-8 with a header; a text that a spreadsheet would compute begins with an apostrophe."""
    frame = pd.DataFrame({name: [_cell(value) for value in table[name]] for name in table})
    return bytes(frame.to_csv(index=False, lineterminator="\n"), "utf-8")


def as_parquet(table: Table) -> bytes:
    """The same table as Parquet, every value as it is."""
    file = io.BytesIO()
    pd.DataFrame(table).to_parquet(file, index=False)
    return file.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "\n".join(
        re.split("\r\n?", cell(value))
    )  # pandas would take the other one for a row's end
