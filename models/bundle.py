"""A bundle: trained rankers and what they need, with a card on how they were trained.

It is a folder. Opening it runs no code from it, and refuses files that changed since it was
saved.

    bundle.json       {"format": 2, "name": …, "card": {…}, "files": {NAME: SHA-256},
                       "rankers": {"all": RANKER, "relevance": RANKER}}
    background.json   how common each word is in public notices, and which words are places
    distances.json    how far away winners are, by CPV code
    embedder.npz      makes vectors of texts and names: arrays of numbers and words
    encoder.npz       makes vectors of sentences: arrays of numbers and pieces of words
    services.npz      services that public bodies buy, as vectors of that encoder
    all.txt …         a ranker's trees, in LightGBM's text form

Only bundle.json is required. With "shares": NAME, files that the folder lacks are those of the
bundle NAME that comes with the product; they are checked like the others. A RANKER is
as `models.saved_rankers` says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.background import Background
from models.calibrated_ranker import CalibratedRanker
from models.distances import Distances
from models.embedder import Embedder
from models.encoder import Encoder
from models.errors import BundleError
from models.knowledge import Knowledge
from models.saved_rankers import check_features, open_ranker, save_ranker
from models.services import Services

FORMAT = 2
BUNDLES = Path(__file__).with_name("bundles")
_CHECKED = {".json", ".npz", ".txt"}
"""The suffixes of a bundle's files; files with other suffixes are ignored."""
DEFAULT = "default"
SERVICES = "services.npz"
_ATTEMPTS = 3
"""How often a bundle is opened whose files are replaced meanwhile."""


@dataclass(frozen=True)
class Bundle:
    """Trained rankers, by the set of signals that each uses, and what else was learned."""

    name: str
    version: str
    card: dict[str, Any]
    rankers: Mapping[str, CalibratedRanker]
    knowledge: Knowledge = field(default_factory=Knowledge)
    source: str | Path | None = field(default=None, init=False, compare=False, repr=False)
    """what it was opened from; None where it was made or changed in memory"""

    def __repr__(self) -> str:
        """Its name and version, and not the numbers that it holds."""
        return f"Bundle({self.name!r}, version={self.version!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle where it was opened from: another process opens the same files, once."""
        if self.source is None:
            values = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
            return _in_memory, (values,)
        return _reopen, (self.source, self.version)

    @classmethod
    def open(cls, name: str | Path, features: Collection[str] | None) -> Bundle:
        """The bundled one called `name`, or the one in folder `name`.

        `features` are the names of the features that can be computed; None if another process
        has checked them. One that is replaced meanwhile is opened again: else what was checked
        would not be what was read. Raises BundleError where the bundle is missing, damaged or
        needs another feature.
        """
        folder = find(name)
        for _ in range(_ATTEMPTS):
            as_found = _stamps(folder)
            try:
                bundle = cls._open(name, folder, features)
            except BundleError:
                if _stamps(folder) == as_found:
                    raise
            else:
                if _stamps(folder) == as_found:
                    return bundle
        raise BundleError(
            f"--bundle {folder.name}: its files change while it is opened; open it when they are "
            "complete"
        )

    @classmethod
    def _open(cls, name: str | Path, folder: Path, features: Collection[str] | None) -> Bundle:
        saved, version = _read(folder)
        try:
            rankers = {str(key): open_ranker(folder, r) for key, r in saved["rankers"].items()}
            for key, calibrated in rankers.items():
                if features is not None:
                    check_features(key, calibrated, features)
            bundle = cls(
                name=str(saved.get("name", folder.name)),
                version=version,
                card=saved.get("card", {}),
                rankers=rankers,
                knowledge=_knowledge(folder, saved),
            )
            source = name if folder.parent == BUNDLES else folder.absolute()
            object.__setattr__(bundle, "source", source)
            return bundle  # noqa: TRY300 - what is above may raise too
        except BundleError as error:
            raise BundleError(f"--bundle {folder.name}: {error}") from error

    def ranker_for(self, signals: str) -> CalibratedRanker:
        """The ranker for a set of signals: 'all' or 'relevance'.  Raises BundleError for others."""
        try:
            return self.rankers[signals]
        except KeyError:
            raise BundleError(
                f"bundle {self.name} has no ranker for the signal set '{signals}'; "
                f"it has {', '.join(sorted(self.rankers)) or 'none'}"
            ) from None

    def save(
        self, folder: Path, extra_files: Mapping[str, str] | None = None, shares: str = ""
    ) -> None:
        """Write the bundle into `folder`, which is created if it does not exist.

        Files that the bundle `shares` of the product has too are not written. `extra_files` maps
        the names of further text files to their content. Raises BundleError where the folder is
        not empty.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BundleError(f"{folder}: a bundle is saved into an empty folder")
        knowledge = self.knowledge
        knowledge.background.save(folder / "background.json")
        _write_json(folder / "distances.json", knowledge.distances.to_json())
        if knowledge.embedder:
            knowledge.embedder.save(folder / "embedder.npz")
        if knowledge.encoder:
            knowledge.encoder.save(folder / "encoder.npz")
        if knowledge.services:
            knowledge.services.save(folder / SERVICES)
        saved_rankers = {
            key: save_ranker(folder, key, ranker) for key, ranker in sorted(self.rankers.items())
        }
        for name, content in (extra_files or {}).items():
            (folder / name).write_text(content, encoding="utf-8")
        files = {p.name: _digest(p) for p in sorted(folder.iterdir())}
        for name, digest in files.items() if shares else ():
            if (other := find(shares) / name).exists() and _digest(other) == digest:
                (folder / name).unlink()
        saved = {
            "format": FORMAT,
            **({"shares": shares} if shares else {}),
            "name": self.name,
            "card": self.card,
            "files": files,
            "rankers": saved_rankers,
        }
        text = json.dumps(saved, indent=1, ensure_ascii=False)
        (folder / "bundle.json").write_text(text + "\n", encoding="utf-8")


@lru_cache(2)
def _reopen(source: str | Path, version: str) -> Bundle:
    """The bundle at `source`.  Raises BundleError where it is not the one of that version."""
    _, found = _read(find(source))
    if found != version:
        raise BundleError(f"--bundle {source}: changed since it was opened; start again")
    return Bundle.open(source, None)


def _in_memory(values: dict[str, Any]) -> Bundle:
    return Bundle(**values)


def shipped() -> list[str]:
    """The names of the bundles that come with the product."""
    return sorted(p.name for p in BUNDLES.iterdir() if (p / "bundle.json").exists())


def find(name: str | Path) -> Path:
    """The folder of the bundle called `name` that comes with the product, or else `name`."""
    return BUNDLES / name if isinstance(name, str) and "/" not in name else Path(name)


def refuse_to_overwrite(folder: Path) -> None:
    """Raise BundleError where `folder` contains anything other than a bundle."""
    if folder.is_file() or (
        folder.exists() and not (folder / "bundle.json").is_file() and any(folder.iterdir())
    ):
        raise BundleError(
            f"--bundle {folder}: the folder contains something other than a bundle; name another"
        )


def _read(folder: Path) -> tuple[dict[str, Any], str]:
    """The content of bundle.json and its digest, after a check of every file."""
    try:
        raw = (folder / "bundle.json").read_bytes()
        saved = json.loads(raw)
    except OSError as error:
        here = ", ".join(shipped())
        raise BundleError(
            f"--bundle {folder.name}: there is no bundle there; these come with the product: {here}"
        ) from error
    except ValueError as error:
        raise BundleError(f"--bundle {folder.name}: bundle.json is damaged ({error})") from error
    if not isinstance(saved, dict) or saved.get("format") != FORMAT:
        found = saved.get("format") if isinstance(saved, dict) else type(saved).__name__
        raise BundleError(f"--bundle {folder.name}: format {found}, this version reads {FORMAT}")
    for part in ("rankers", "files"):
        if not isinstance(saved.get(part), dict):
            raise BundleError(
                f"--bundle {folder.name}: bundle.json is damaged (it has no '{part}')"
            )
    _check_files(folder, saved["files"], str(saved.get("shares", "")))
    return saved, hashlib.sha256(raw).hexdigest()[:16]


def file_of(folder: Path, name: str, shares: str) -> Path:
    """The file `name` of the bundle in `folder`, or else of the one that it shares files with."""
    own = folder / Path(name).name
    return BUNDLES / Path(shares).name / own.name if shares and not own.exists() else own


def _check_files(folder: Path, files: Mapping[str, str], shares: str) -> None:
    for name, digest in files.items():
        path = file_of(folder, name, shares)
        if not path.is_file() or _digest(path) != digest:
            raise BundleError(f"--bundle {folder.name}: {name} is missing or was changed")
    for path in sorted(folder.iterdir()):
        if path.suffix in _CHECKED and path.name not in {"bundle.json", *files}:
            raise BundleError(f"--bundle {folder.name}: {path.name} is not one of its files")


def _stamps(folder: Path) -> set[tuple[str, int, int, int]]:
    """What tells the files of a folder from others that take their places."""
    with suppress(OSError):
        found = [(path, path.stat()) for path in folder.iterdir() if path.suffix in _CHECKED]
        return {(path.name, s.st_ino, s.st_mtime_ns, s.st_size) for path, s in found}
    return set()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _knowledge(folder: Path, saved: Mapping[str, Any]) -> Knowledge:
    names = ("background.json", "distances.json", "embedder.npz", "encoder.npz", SERVICES)
    shared = [str(saved.get("shares", "")) if name in saved["files"] else "" for name in names]
    background, distances, embedder, coder, table = (
        file_of(folder, name, shares) for name, shares in zip(names, shared, strict=True)
    )
    encoder = Encoder.open(coder) if coder.exists() else None
    services = Services.open(table) if table.exists() else None
    if services and (encoder is None or encoder.version != services.encoder):
        raise BundleError(f"{SERVICES} was made with another encoder than the bundle's")
    return Knowledge(
        Background.open(background),
        Distances.open(distances),
        Embedder.open(embedder) if embedder.exists() else None,
        encoder,
        services,
    )


def _write_json(path: Path, saved: object) -> None:
    path.write_text(json.dumps(saved, sort_keys=True, separators=(",", ":")) + "\n")
