"""The options of `matcher train`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.named_paths import file_to_read, folder_to_fill, providers_to_read, to_read

BundleOption = Annotated[
    Path, typer.Option(callback=folder_to_fill, help="The folder to write the bundle to.")
]
ProvidersOption = Annotated[
    list[Path],
    typer.Option(
        metavar="FILE…", callback=providers_to_read, help="Tables of providers and their profiles."
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option(callback=file_to_read, help="Training settings, TOML.")
]
BeforeOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Learn only from awards before this day."),
]
EncodersOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Sentence encoders (*.npz). Each training window uses the newest that learned "
        "from no award of that window or later, as its card says. With --fine-tune, encoders "
        "are kept here, and training that was interrupted goes on from them.",
    ),
]
FineTuneOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        callback=to_read,
        help="A pretrained sentence encoder (vocab.txt, model.safetensors), such as "
        "all-MiniLM-L6-v2. One is fine-tuned for each window, on a GPU if there is one; on "
        "processors alone it takes hours.",
    ),
]
RelevanceOption = Annotated[
    str | None,
    typer.Option(
        metavar="BUNDLE",
        help="Take over what people taught that bundle of which providers fit a lot, "
        "instead of learning it from --judgements.",
    ),
]
JudgementsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="QRELS",
        callback=file_to_read,
        help="Providers that people graded from 0 to 3 for lots, as `matcher judge export` "
        "writes them. They teach who is listed, and in which order. Needs --judged-lots.",
    ),
]
JudgedLotsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        callback=file_to_read,
        help="The lots that --judgements and --tune-on grade: OCDS or JSON Lines.",
    ),
]
TuneOnOption = Annotated[
    Path | None,
    typer.Option(
        metavar="QRELS",
        callback=file_to_read,
        help="Tune the sentence encoders on these grades first, of other lots than those of "
        "--judgements. Takes about a minute for 50 lots and processor.",
    ),
]
NamesToldOption = Annotated[
    Path | None,
    typer.Option(
        metavar="CSV",
        callback=file_to_read,
        help="With --tune-on: what organisations do of which little but the name is known "
        "(columns name and work), so that encoders learn what names mean.",
    ),
]
DecisionsOption = Annotated[
    str | None,
    typer.Option(
        metavar="RECORDS",
        help="The service's records (a database URL or an SQLite file). Officers' decisions "
        "are learned from too: who was invited, and who was left out for other work.",
    ),
]
