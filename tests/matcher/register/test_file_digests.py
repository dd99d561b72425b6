"""Damage to the files of a snapshot, and files of another register, are noticed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.errors import RegisterError
from matcher.ranking.features.registry import FEATURES
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.embed import embed
from matcher.register.build.erase import suppress
from matcher.register.current_snapshot import check_files
from matcher.register.manifest import Manifest, _sample, check_samples, damaged, digests_of
from matcher.register.register import Register
from models.bundle import Bundle
from tests.factory import award, lot, provider
from tests.registers import feed, registered, without_digests

PEOPLE = tuple(
    provider(f"GB-CHC-{n}", "WS1 1TP", name=f"Garden {n}", profile="Gardening of parks" + n * " b")
    for n in range(1, 6)
)
ROOFERS = tuple(
    provider(
        f"GB-CHC-{n}", "WS1 1TP", name=f"Roofer {n}", profile="Mending of roofs" + max(n, 2) * " b"
    )
    for n in range(1, 6)
)


def won(people: tuple[object, ...]) -> object:
    return award("a-1", people[0], lot=lot(id="a-1", title="Roofs and parks"))


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return Bundle.open("default", FEATURES)


@pytest.fixture(scope="module")
def gardeners(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, shipped: Bundle
) -> Path:
    """A register with every kind of vector; it is copied and never changed."""
    path = tmp_path_factory.mktemp("gardeners") / "reg"
    registered(path, places_table, *PEOPLE, won(PEOPLE), bundle=shipped)
    return path


@pytest.fixture(scope="module")
def roofers(tmp_path_factory: pytest.TempPathFactory, places_table: Path, shipped: Bundle) -> Path:
    """Another register, with files of the same sizes."""
    path = tmp_path_factory.mktemp("roofers") / "reg"
    registered(path, places_table, *ROOFERS, won(ROOFERS), bundle=shipped)
    return path


@pytest.fixture
def path(tmp_path: Path, gardeners: Path) -> Path:
    """A copy of the register of the gardeners."""
    return shutil.copytree(gardeners, tmp_path / "reg")


def put(file: Path, content: bytes) -> None:
    """Put other bytes in a file's place, leaving what else links to it alone."""
    file.unlink()
    file.write_bytes(content)


def flip(file: Path, at: int = -1) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    put(file, bytes(content))


def folder_of(path: Path) -> Path:
    return path / (path / "CURRENT").read_text().strip()


def test_a_flipped_byte_in_any_file_of_data_is_refused(path: Path) -> None:
    folder = folder_of(path)
    files = [folder / name for name in Manifest.read(folder).files]
    kinds = {file.relative_to(folder).parts[0] for file in files if file.parent != folder}
    assert {"encoded", "vectors", "columns", "profiles", "places"} <= kinds
    digests = Manifest.read(folder).files
    for file in files:
        content = file.read_bytes()
        if not content:
            continue
        flip(file)
        with pytest.raises(ValueError, match="not the one"):
            check_samples(folder, digests)
        assert damaged(folder, digests) == [file.relative_to(folder).as_posix()]
        put(file, content)
    assert check_files(path).damaged == []
    flip(folder / "encoded" / "texts.npy")
    with pytest.raises(RegisterError, match="is damaged; build it again"):
        Register.open(path)


@pytest.mark.parametrize(
    "name", ["encoded/texts.npy", "encoded/sentences.npy", "vectors/names.npy", "profiles"]
)
def test_a_file_of_another_register_of_the_same_shape_is_refused(
    name: str, path: Path, roofers: Path
) -> None:
    ours, theirs = folder_of(path) / name, folder_of(roofers) / name
    if ours.is_dir():
        shutil.rmtree(ours)
        shutil.copytree(theirs, ours)
    else:
        assert ours.read_bytes() != theirs.read_bytes()
        put(ours, theirs.read_bytes())
    with pytest.raises(RegisterError, match="is damaged; build it again"):
        Register.open(path)


def test_a_file_that_was_not_written_with_the_others_is_refused(path: Path) -> None:
    np.save(folder_of(path) / "vectors" / "more.npy", np.zeros(3))
    with pytest.raises(RegisterError, match="is damaged"):
        Register.open(path)


def test_a_register_that_was_built_without_digests_opens(path: Path) -> None:
    version = Register.open(path).version
    without_digests(path)
    assert Register.open(path).version == version
    assert check_files(path).files == 0


def test_vectors_that_were_damaged_are_made_again_by_a_build(
    path: Path, places_table: Path, shipped: Bundle
) -> None:
    """A build copies the vectors of texts that it knows: not those of a damaged snapshot."""
    options = BuildOptions(bundle=shipped)
    file = Path("encoded") / "texts.npy"
    whole = (folder_of(path) / file).read_bytes()
    flip(folder_of(path) / file, len(whole) // 2)
    build(path, [feed(*PEOPLE, won(PEOPLE))], places_table=places_table, options=options)
    assert (folder_of(path) / file).read_bytes() == whole


def test_a_snapshot_that_links_to_a_damaged_file_does_not_call_it_whole(
    path: Path, shipped: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a sample does not show stays damage after a removal, and after new vectors."""
    flip(folder_of(path) / "places" / "postcodes-north.npy")
    with monkeypatch.context() as patch:
        patch.setattr("matcher.register.register.check_samples", lambda *_: None)
        for change in (lambda: suppress(path, "GB-CHC-2"), lambda: embed(path, shipped)):
            before = folder_of(path)
            change()
            assert folder_of(path) != before
            assert check_files(path).damaged == ["places/postcodes-north.npy"]


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 300_000), at=st.floats(0, 1), seed=st.integers(0, 9))
def test_the_full_check_notices_every_flipped_byte(
    size: int, at: float, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    file = folder / "x.npy"
    file.write_bytes(np.random.default_rng(seed).bytes(size))
    digests = digests_of(folder)
    check_samples(folder, digests)
    assert damaged(folder, digests) == []
    flip(file, min(int(at * size), size - 1))
    assert damaged(folder, digests) == ["x.npy"]
    if size <= 32_768:
        with pytest.raises(ValueError, match="not the one"):
            check_samples(folder, digests)


def test_a_large_file_is_sampled_and_not_read(tmp_path: Path) -> None:
    """A file with a hole of 64 GB: reading all of it would take minutes."""
    with (tmp_path / "x.npy").open("wb") as file:
        os.ftruncate(file.fileno(), 1 << 36)
    sample = _sample(tmp_path / "x.npy")
    with (tmp_path / "x.npy").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"1")
    assert _sample(tmp_path / "x.npy") != sample


def test_the_manifest_is_the_same_for_the_same_sources(
    path: Path, tmp_path: Path, places_table: Path, shipped: Bundle
) -> None:
    registered(tmp_path / "again", places_table, *PEOPLE, won(PEOPLE), bundle=shipped)
    first, second = (Manifest.read(folder_of(p)) for p in (path, tmp_path / "again"))
    assert msgspec.json.encode(first) == msgspec.json.encode(second)
