"""A Dask cluster to train on, by joblib's own backend; Dask is imported only where it is used."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import joblib

from core.errors import NamesmithError

CLUSTER = "NAMESMITH_DASK"  # environment variable with the address of a Dask scheduler
CONNECT_SECONDS = 10


class ClusterError(NamesmithError):
    """The cluster cannot be used; the text says why."""


def parallel_on(address: str, **options: Any) -> joblib.Parallel:
    """Joblib's `Parallel` for the cluster of this scheduler.

    Raises:
        ClusterError: if the cluster cannot be reached, or Dask is not installed.
    """
    with joblib.parallel_config(backend="dask", client=client(address)):
        return joblib.Parallel(**options)


@cache
def client(address: str) -> Any:
    """One connection for the whole process; it comes back by itself when it was lost."""
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError(
            f"{CLUSTER} is set, but Dask isn’t installed: pip install -r requirements-cluster.txt"
        ) from None
    try:
        return Client(address, set_as_default=False, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterError(f"No Dask scheduler answers at {address} ({CLUSTER}).") from error


def give_up(worked: Any) -> None:
    """Drop what the cluster still works on."""
    if hasattr(worked, "close"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib would have all results used
            worked.close()
