"""A run to download and to bring back: JSON, tables, weights, and code that needs torch alone."""

from core.runs.codec import MAX_BYTES, weights_to_npz
from core.runs.files.about import about, as_json
from core.runs.files.code import code_files
from core.runs.files.run_file import from_bytes, to_bytes
from core.runs.files.tables import Table, curve_table, runs_table, stored_table

__all__ = [
    "MAX_BYTES",
    "Table",
    "about",
    "as_json",
    "code_files",
    "curve_table",
    "from_bytes",
    "runs_table",
    "stored_table",
    "to_bytes",
    "weights_to_npz",
]
