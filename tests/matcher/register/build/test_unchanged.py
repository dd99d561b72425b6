"""A register that is built again is the one that a whole build would make, byte for byte."""

from __future__ import annotations

import ast
import json
import platform
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib import metadata
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcher
from matcher.core.types import Organisation, Provider, Remark, Source, Tally
from matcher.ranking.features.registry import FEATURES
from matcher.register.build import organisations, record_keys, row_parts, unchanged
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.changes import read_changes
from matcher.register.build.embed import embed
from matcher.register.build.erase import suppress
from matcher.register.build.suppression_list import LIST
from matcher.register.encoded import ARRAYS
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.linkage.keys import RecordKeys
from matcher.register.manifest import Manifest
from matcher.register.register import Register
from models.bundle import Bundle
from tests import learned
from tests.encoders import tiny
from tests.factory import provider
from tests.matcher.register.build import test_embed

_NAMES = ("Acorn Care Ltd", "Acorn Care Holdings Ltd", "Beacon Meals", "Kestrel Transport C.I.C.")
_PLACES = ("WS1 1TP", "WS1 2AA", "IP1 2BX", "QQ1 1QQ")
_WORK = (
    "",
    "home care for older people",
    "hot meals cooked and delivered. home care for older people; gardens",
)
_RECORDS = st.builds(
    lambda number, name, place, work, tag: provider(
        f"GB-COH-{number:08}", place, name=name, profile=work, tags=(tag,) if tag else ()
    ),
    st.integers(1, 9),
    st.sampled_from(_NAMES),
    st.sampled_from(_PLACES),
    st.sampled_from(_WORK),
    st.sampled_from(("", "88100 - Social work")),
)
_OTHERS = st.builds(
    lambda number, name, place: provider(f"x-{number}", place, name=name),
    st.integers(1, 4),
    st.sampled_from(_NAMES),
    st.sampled_from(_PLACES),
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundle")
    opened = Bundle.open(test_embed.bundle(folder, learned.embedder()), FEATURES)
    return replace(opened, knowledge=replace(opened.knowledge, encoder=tiny()))


def built(path: Path, places: Path, bundle: Bundle, day: date, *items: Provider | Remark) -> None:
    sources = {
        name: [replace_day(item, name, day) for item in items if is_company(item) == (name == "a")]
        for name in ("a", "b")
    }
    feeds = [(Tally(name, len(some), len(some)), iter(some)) for name, some in sources.items()]
    build(path, feeds, places_table=places, options=BuildOptions(bundle=bundle))  # type: ignore[arg-type]


def is_company(item: Provider | Remark) -> bool:
    return isinstance(item, Provider) and item.id.startswith("GB-COH")


def replace_day(item: Provider | Remark, name: str, day: date) -> Provider | Remark:
    if isinstance(item, Remark):
        return item
    return replace(item, source=Source(name, day, "OGL-UK-3.0"))


def facts(path: Path) -> dict[str, bytes]:
    """The files of the register, without what tells of the one before."""
    folder = Register.open(path).folder
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != "changes.jsonl")
    found = {str(p.relative_to(folder)): p.read_bytes() for p in files}
    manifest = json.loads(found.pop("manifest.json")) | {"changes": {}}
    return found | {"manifest.json": json.dumps(manifest, sort_keys=True).encode()}


@settings(max_examples=10, deadline=None)
@given(
    st.lists(_RECORDS, min_size=1, max_size=8),
    st.lists(_OTHERS, max_size=3),
    st.lists(_RECORDS, max_size=3),
    st.data(),
)
def test_a_build_over_another_gives_what_a_whole_build_gives(
    bundle: Bundle,
    places_table: Path,
    first: Sequence[Provider],
    others: Sequence[Provider],
    new: Sequence[Provider],
    data: st.DataObject,
) -> None:
    gone = data.draw(st.sets(st.integers(0, len(first) - 1), max_size=3))
    later = [record for at, record in enumerate(first) if at not in gone] + [*new]
    others = [*others, provider("stays", name="Heron Gardens", profile="gardens")]
    told = [Remark(provider("pay-1", name="Acorn Care Ltd", tags=("paid for: catering",)))]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(organisations, "_AT_ONCE", 3)
        patch.setattr(record_keys, "_AT_ONCE", 2)
        again, whole = Path(folder) / "again", Path(folder) / "whole"
        built(again, places_table, bundle, date(2026, 3, 1), *first, *others)
        if data.draw(st.booleans()):
            suppress(again, first[0].id)
        forgot = Path(folder) / "forgot"
        shutil.copytree(again, forgot, ignore=shutil.ignore_patterns(unchanged.FOLDER))
        for path in (again, forgot):
            built(path, places_table, bundle, date(2026, 4, 1), *later, *others, *told)
        assert read_changes(Register.open(again).folder, 99) == read_changes(
            Register.open(forgot).folder, 99
        )
        whole.mkdir()
        if (again / LIST).exists():
            shutil.copy(again / LIST, whole / LIST)
        built(whole, places_table, bundle, date(2026, 4, 1), *later, *others, *told)
        assert facts(again) == facts(forgot) == facts(whole)
        assert {f"{ENCODED}/{name}.npy" for name in ARRAYS} < facts(whole).keys()


def test_words_of_organisations_that_say_the_same_are_not_read_again(
    bundle: Bundle, places_table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reg"
    same = provider("GB-COH-00000001", "WS1 1TP", name="Acorn Care Ltd")
    gone = provider("GB-COH-00000002", "WS1 2AA", name="Beacon Meals")
    built(path, places_table, bundle, date(2026, 3, 1), same, gone)
    read: list[str] = []
    made: list[str] = []
    add_words, add_keys = row_parts._Writer.add_words, RecordKeys.add

    def words(self: object, row: int, one: Provider, keys: dict[str, float]) -> None:
        read.append(one.id)
        add_words(self, row, one, keys)  # type: ignore[arg-type]

    def keys(self: object, one: Provider) -> tuple[str, ...]:
        made.append(one.id)
        return add_keys(self, one)  # type: ignore[arg-type]

    monkeypatch.setattr(row_parts._Writer, "add_words", words)
    monkeypatch.setattr(RecordKeys, "add", keys)
    changed = replace(gone, name="Beacon Hot Meals")
    built(path, places_table, bundle, date(2026, 4, 1), same, changed)
    assert read == [gone.id]
    assert made == [gone.id]


def test_another_model_or_code_reads_every_organisation_again(
    bundle: Bundle, places_table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reg"
    one = provider("GB-COH-00000001", "WS1 1TP", name="Acorn Care Ltd")
    built(path, places_table, bundle, date(2026, 3, 1), one)
    folder = Register.open(path).folder
    maker = Manifest.read(folder).made_by
    assert unchanged.unchanged_since(folder, maker) is not None
    assert unchanged.unchanged_since(folder, "another") is None
    assert unchanged.unchanged_since(tmp_path, maker) is None
    monkeypatch.setattr(unchanged, "_code", lambda: "another")
    assert unchanged.made_by(bundle.knowledge.background, "") != maker
    embed(path, bundle)
    assert Manifest.read(Register.open(path).folder).made_by == ""


def test_the_code_counts_wherever_the_packages_are(tmp_path: Path) -> None:
    package = tmp_path / "bundles" / "matcher"
    (package / "linkage").mkdir(parents=True)
    (package / "bundles").mkdir()
    read = {package / "names.toml", package / "linkage" / "keys.py"}
    for file in (*read, package / "bundles" / "ours.py", package / "notes.md"):
        file.touch()
    assert set(unchanged._files([package])) == read


@pytest.mark.parametrize(
    "changed", ["anyascii", "msgspec", "numpy", "PyStemmer", "rapidfuzz", "Unicode", "Python"]
)
def test_other_versions_of_libraries_read_every_organisation_again(
    changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, version = unchanged._code.__wrapped__(), metadata.version
    if changed == "Unicode":
        monkeypatch.setattr(unicodedata, "unidata_version", "0.0")
    elif changed == "Python":
        monkeypatch.setattr(platform, "python_version", lambda: "0.0")
    else:
        of = {changed: "0.0"}
        monkeypatch.setattr(metadata, "version", lambda name: of.get(name, version(name)))
    assert unchanged._code.__wrapped__() != before


def test_every_library_that_compares_records_counts() -> None:
    named, modules = metadata.packages_distributions(), set[str]()
    for file in (Path(matcher.__path__[0]) / "register" / "linkage").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add((node.module or "").partition(".")[0])
    others = modules - sys.stdlib_module_names - {"matcher", "models"}
    used = {each.casefold() for module in others for each in named[module]}
    assert "rapidfuzz" in used
    assert used <= {each.casefold() for each in unchanged.LIBRARIES}


def test_only_the_days_of_sources_do_not_count_as_content() -> None:
    record = replace(
        provider("a", profile='{"day":"2026-01-01","licence":"'), source=Source("s", None, "l")
    )
    lines = [
        msgspec.json.encode(Organisation(one, (one,)))
        for one in (
            record,
            replace(record, source=Source("s", date(2026, 1, 1), "l")),
            replace(record, source=Source("s2", None, "l")),
            replace(record, profile='{"licence":"'),
        )
    ]
    contents = [unchanged.content_of(line) for line in lines]
    assert contents[0] == contents[1]
    assert len(set(contents)) == 3
