"""Files for tests, as an officer might upload them; all that they say is invented."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import docx
import openpyxl
import pypdfium2
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

Table: TypeAlias = Sequence[Sequence[str]]

SPECIFICATION = """Neighbourhood services 2027 (fictional)
Wallbrook Borough Council invites offers for two lots.
1. Background
The council spends its money near home where it may.
Lot 1: Accessible transport to day centres
Minibuses with ramps bring older people to day centres on weekdays around WS3 1HF.
The estimated value is £60,000 a year, excluding VAT. The contract is for two years.
CPV: 60130000, 85312100-0
Lot 2: Hot meals at home
A hot meal at midday for people who cannot cook, near WS2 8RR. CPV 55521100-9.
The total value is £96,000 including VAT.
Terms and conditions
The usual terms. Cover of £5 million is needed. Return offers to B1 1AA.
"""


def word(*parts: str | Table, change: Callable[[Document], None] | None = None) -> bytes:
    """A .docx: '# …' is a heading, '**…**' a line in bold, a list of lists a table."""
    document = docx.Document()
    for part in parts:
        if not isinstance(part, str):
            table = document.add_table(rows=0, cols=len(part[0]))
            for row in part:
                for cell, said in zip(table.add_row().cells, row, strict=True):
                    cell.text = said
        elif part.startswith("#"):
            document.add_heading(part.lstrip("# "), part.count("#"))
        elif part.startswith("**"):
            document.add_paragraph().add_run(part.strip("*")).bold = True
        else:
            document.add_paragraph(part)
    if change:
        change(document)
    return saved(document)


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """An .xlsx file of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def saved(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xml(inner: str) -> Any:
    """A piece of WordprocessingML."""
    tag = inner[: inner.index(">")]
    return parse_xml(inner.replace(tag, f"{tag} {nsdecls('w')}", 1))


def put(inner: str) -> Callable[[Document], None]:
    """A change to a document: `inner` is put at its end."""
    return lambda document: document.element.body.insert(-1, xml(inner))


def bomb(unpacked: int, part: str = "word/document.xml") -> bytes:
    """A small .docx of which one part unpacks to this many bytes."""
    good = io.BytesIO(word("Home care"))
    out = io.BytesIO()
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != part:
                new.writestr(info.filename, old.read(info))
        with new.open(part, "w", force_zip64=True) as big:
            for _ in range(unpacked // 1_000_000):
                big.write(b" " * 1_000_000)
    return out.getvalue()


def pdf(*pages: Sequence[str]) -> bytes:
    """A PDF of these lines, page by page; a page without lines is blank."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    numbers = [3 + 2 * at for at in range(len(pages))]
    objects[1] = (
        f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in numbers)}] /Count {len(pages)} >>"
    )
    font = f"{3 + 2 * len(pages)} 0 R"
    for number, lines in zip(numbers, pages, strict=True):
        said = [line.translate({40: "\\(", 41: "\\)", 92: "\\\\"}) for line in lines]
        shown = " T* ".join(f"({line}) Tj" for line in said)
        stream = f"BT /F1 11 Tf 14 TL 50 800 Td {shown} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 {font} >> >> >>"
        )
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    objects.append(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    )
    return _numbered(objects)


def _numbered(objects: Sequence[str], trailer: str = "") -> bytes:
    out, starts = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        starts.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode("cp1252")
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    size = len(objects) + 1
    end = f"trailer << /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


def locked_pdf() -> bytes:
    """A PDF that opens only with a password."""
    plain = pdf(["Home care for older people in Walsall, a fictional specification."])
    key = "00" * 32
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <{key}> /U <{key}> >>"
    lock += f" /ID [<{'00' * 16}> <{'00' * 16}>]"
    return plain.replace(b"/Root 1 0 R", f"/Root 1 0 R {lock}".encode())


def blank_pdf(pages: int = 1) -> bytes:
    """A PDF of pages without text, as a scan is."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
