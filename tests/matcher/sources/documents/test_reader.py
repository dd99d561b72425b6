"""Lots found in specifications, and files that are refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from docx.document import Document
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput, BadLot, BadSource
from matcher.sources.documents.docx import LARGEST_UNPACKED
from matcher.sources.documents.extracted_lots import ExtractedLot
from matcher.sources.documents.lot_extraction import MOST_LOTS
from matcher.sources.documents.passages import of_lines
from matcher.sources.documents.pdf import MOST_PAGES
from matcher.sources.documents.reader import kind_of, read_document, read_text
from tests import documents as make
from tests.factory import SHARED, needs_shared


def titles(found: list[ExtractedLot]) -> list[str]:
    return [one.lot.title for one in found]


# --- every file type ----------------------------------------------------------------------------


def as_word() -> bytes:
    return make.word(*make.SPECIFICATION.splitlines())


def as_pdf() -> bytes:
    return make.pdf(make.SPECIFICATION.splitlines())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("spec.docx", as_word()),
        ("spec.pdf", as_pdf()),
        ("spec.txt", make.SPECIFICATION.encode()),
        ("spec.txt", make.SPECIFICATION.encode("cp1252")),
        ("spec.txt", make.SPECIFICATION.encode("utf-16")),
        ("spec.txt", make.SPECIFICATION.encode("utf-16-le")),
        ("SPEC.TXT", b"\xef\xbb\xbf" + make.SPECIFICATION.encode()),
    ],
    ids=[
        "word",
        "pdf",
        "utf-8",
        "windows-1252",
        "utf-16",
        "utf-16 without mark",
        "byte order mark",
    ],
)
def test_lots_have_codes_place_value_and_buyer(name: str, content: bytes) -> None:
    transport, meals = (one.lot for one in read_document(content, name))
    assert transport.title == "Accessible transport to day centres"
    assert "Minibuses with ramps" in transport.description
    assert transport.cpv == ("60130000", "85312100")
    assert transport.postcode == "WS3 1HF"
    assert (transport.value, transport.value_is_gross, transport.years) == (120_000, False, 2)
    assert transport.buyer.startswith("Wallbrook Borough Council")
    assert meals.title == "Hot meals at home"
    assert meals.cpv == ("55521100",)
    assert meals.postcode == "WS2 8RR"
    assert (meals.value, meals.value_is_gross) == (96_000, True)
    assert "usual terms" not in meals.description


def test_a_json_notice_gives_its_lots() -> None:
    lots = [{"title": "Home care north"}, {"title": "Home care south", "value": 5}]
    found = read_document(json.dumps({"id": "n", "lots": lots}).encode(), "notice.json")
    assert titles(found) == ["Home care north", "Home care south"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_notice_written_as_a_text_of_json_is_read(encoding: str) -> None:
    text = json.dumps(json.dumps({"title": "Meals at home – Walsall", "postcode": "WS1 1TP"}))
    assert titles(read_text(text, "pasted")) == ["Meals at home – Walsall"]
    content = text.encode(encoding)
    assert titles(read_document(content, "lot.json")) == ["Meals at home – Walsall"]
    assert encoding != "utf-8" or kind_of(content) == ".json"


def test_notes_say_where_values_came_from() -> None:
    transport, _ = read_text(make.SPECIFICATION, "pasted")
    assert any("£60,000 a year" in note and "2 years" in note for note in transport.notes)
    (bare,) = read_text("Grass to be cut in parks", "pasted")
    assert "No value was found." in bare.notes
    assert "No CPV code was found." in bare.notes


# --- headings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    ["Lot 1: Day care", "LOT 1 – Day care", "Lot 1 Day care", "3.2 Lot No. 1: Day care",
     "Lot I. Day care", "Section 2 Lot 1 - Day care"],
)  # fmt: skip
def test_forms_of_a_lot_heading(heading: str) -> None:
    (found,) = read_text(f"Intro\n{heading}\nA day centre is wanted.", "pasted")
    assert found.lot.title == "Day care"


@pytest.mark.parametrize(
    "above",
    ["Hi all,", "Dear Sir or Madam,", "Good morning everyone!", "Hello Jo", "INVITATION TO QUOTE",
     "Request for Quotation", "ITT", "Service specification", "OFFICIAL-SENSITIVE",
     "Commercial in confidence\nRFQ\nTitle: Mowing of verges\nRef 12",
     "Draft\nSubject: Mowing of verges\nAuthority: Dudley Council",
     "From: Jo\nTo: Sam\nSubject: FW: RE: Mowing of verges", "Reference: RFQ-14\nBuyer: Dudley",
     "Our ref 27/014\nTitle of requirement: Mowing of verges",
     "ITQ\nName of the contract: Mowing of verges"],
)  # fmt: skip
def test_neither_a_salutation_nor_a_kind_of_document_is_a_title(above: str) -> None:
    (found,) = read_text(f"{above}\nMowing of verges\nIt takes place all year.", "pasted")
    assert found.lot.title == "Mowing of verges"
    is_email = above.startswith("From:")
    assert (above.partition("\n")[0] in found.lot.description) is not is_email


@pytest.mark.parametrize(
    "line",
    ["Hi-fi hire for halls", "Dear Green Place festival, Glasgow",
     "Specification of works for roofs",
     "Hello Summer holiday club for children", "Retitling of deeds: legal advice", "ITT",
     "Contact centre software: hosting", "Reference books for libraries", "To sea: tours by boat"],
)  # fmt: skip
def test_other_first_lines_are_titles(line: str) -> None:
    (found,) = read_text(line, "pasted")
    assert found.lot.title == line


@pytest.mark.parametrize(
    ("line", "is_contents"),
    [
        ("Day care .... 4", True),
        ("Day care ....4", True),
        ("Day care ... 4", False),
        ("Day care . . . 4", True),
        ("Day care . . . .4", True),
        ("Day care . . .4", False),
        ("Day care …… 12 ", True),
        ("Day care … 12", False),
        ("Day care\t4", True),
        ("Day care \t 4", True),
        ("Day care 4", False),
        ("Day care .... 12345", False),
        ("Day care ....", False),
        ("Day care .... 4a", False),
    ],
)
def test_a_line_of_a_contents_page_is_left_out(line: str, is_contents: bool) -> None:
    assert (list(of_lines([line])) == []) is is_contents


def test_a_heading_of_the_same_level_ends_a_lot_and_a_lower_level_does_not() -> None:
    parts = ("## Lot 1: Day care", "### Hours", "Ten to four.", "## Evaluation", "Sixty for it.")
    (found,) = read_document(make.word(*parts), "spec.docx")
    assert "Ten to four." in found.lot.description
    assert "Sixty" not in found.lot.description


def test_a_bold_line_is_a_lot_heading() -> None:
    parts = ("**Lot 1 day care**", "A centre.", "**Lot 2 meals**", "Hot ones.")
    assert titles(read_document(make.word(*parts), "spec.docx")) == ["day care", "meals"]


def test_each_row_of_a_lot_table_is_a_lot() -> None:
    head = ["Lot no.", "Service", "Area", "Estimated value (inc. VAT)", "CPV codes"]
    rows = [
        ["1", "Day care", "Walsall", "£50,000 including VAT", "85312100"],
        ["2", "Meals", "WS2 8RR", "£70k", "55521100-9"],
    ]
    first, second = read_document(make.word("Services", [head, *rows]), "spec.docx")
    assert (first.lot.title, first.lot.area, first.lot.value) == ("Day care", "Walsall", 50_000)
    assert first.lot.value_is_gross
    assert (second.lot.postcode, second.lot.value) == ("WS2 8RR", 70_000)
    assert (first.lot.cpv, second.lot.cpv) == (("85312100",), ("55521100",))


def test_the_scope_of_a_long_document_comes_first() -> None:
    filler = "The council is proud of its past. " * 80
    text = f"Day care\n1. About us\n{filler}\n2. Scope\nA centre for 30 people on weekdays."
    (found,) = read_text(text, "pasted")
    assert "A centre for 30" in found.lot.description[:1500]
    assert any("Scope" in note for note in found.notes)


# --- values and terms -------------------------------------------------------------------------


def only(text: str) -> ExtractedLot:
    (found,) = read_text(f"Day care\n{text}", "pasted")
    return found


@pytest.mark.parametrize(
    ("text", "pounds"),
    [
        ("The contract value is £1.2 million.", 1_200_000),
        ("The budget is up to £85k in all.", 85_000),
        ("The estimated value is 85,000 pounds.", 85_000),
        ("Annual value £40,000. Total contract value £120,000.", 120_000),
        ("Public liability insurance of £5,000,000 is required.", None),
        ("Turnover must be worth at least £100,000.", None),
        ("The cost is £12 per hour.", None),
        ("The estimated cost is £0.", None),
        ("The estimated value of the whole contract is\n£60,000.", 60_000),
        ("The estimated value is to be\nagreed. Insurance of\n£5,000,000 is needed.", None),
    ],
)
def test_contract_value(text: str, pounds: float | None) -> None:
    assert only(text).lot.value == pounds


def test_dates_and_account_numbers_are_not_cpv_codes() -> None:
    assert only("Begins 20270401. Account 12345678.").lot.cpv == ()
    assert only("Begins 20270401. CPV code: 85312100").lot.cpv == ("85312100",)


# --- Word -------------------------------------------------------------------------------------


def w(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


@pytest.mark.parametrize(
    "inner",
    [
        f"<w:sdt><w:sdtContent><w:p>{w('Lot 1: Day care')}</w:p></w:sdtContent></w:sdt>",
        f"<w:p><w:ins w:id='1' w:author='x'>{w('Lot 1: Day care')}</w:ins></w:p>",
        f"<w:p><w:hyperlink>{w('Lot 1: Day care')}</w:hyperlink></w:p>",
        f"<w:p>{w('Lot 1: Day ')}<w:r><w:t>care</w:t></w:r></w:p>",
        "<w:p><w:r><w:t>Lot 1: Day care</w:t></w:r><w:del w:id='2' w:author='x'>"
        "<w:r><w:delText> for cats</w:delText></w:r></w:del></w:p>",
        "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>Lot 1: Day care</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></w:r></w:p>",
    ],
    ids=["content control", "insertion", "link", "split runs", "deletion", "text box"],
)
def test_word_text_that_python_docx_skips_is_read(inner: str) -> None:
    content = make.word("Services", change=make.put(inner))
    assert titles(read_document(content, "spec.docx")) == ["Day care"]


def counting(document: Document) -> None:
    """Number the paragraphs automatically, as Word does: Lot 1:, Lot 2:, …"""
    numbering = document.part.numbering_part.element
    form = (
        "<w:abstractNum w:abstractNumId='77'><w:lvl w:ilvl='0'><w:start w:val='1'/>"
        "<w:numFmt w:val='decimal'/><w:lvlText w:val='Lot %1:'/></w:lvl></w:abstractNum>"
    )
    numbering.insert(0, make.xml(form))
    numbering.append(make.xml("<w:num w:numId='78'><w:abstractNumId w:val='77'/></w:num>"))
    for paragraph in document.paragraphs:
        if paragraph.text in {"Day care", "Meals"}:
            numbered = make.xml("<w:numPr><w:ilvl w:val='0'/><w:numId w:val='78'/></w:numPr>")
            paragraph._p.get_or_add_pPr().append(numbered)


def test_lots_numbered_by_word_are_found() -> None:
    parts = ("Services", "Day care", "A centre for 30.", "Meals", "Hot ones.")
    found = read_document(make.word(*parts, change=counting), "spec.docx")
    assert titles(found) == ["Day care", "Meals"]
    assert [one.lot.id for one in found] == ["spec#1", "spec#2"]
    assert "A centre for 30." in found[0].lot.description


# --- tables --------------------------------------------------------------------------------------


TABLE = [["Title", "Postcode", "Value", "Cost centre"], ["Hot meals", "WS2 8RR", 96_000, "C1"]]


def as_csv(rows: list[list[object]]) -> bytes:
    return "\r\n".join(",".join(map(str, row)) for row in rows).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lots.csv", as_csv(TABLE)),
        ("Lots – 2027.CSV", as_csv(TABLE)),
        ("lots.xlsx", make.workbook(TABLE)),
        (f"{'é' * 300}.xlsx", make.workbook(TABLE)),
    ],
    ids=["csv", "capitals", "workbook", "long name"],
)
def test_each_row_of_a_table_is_a_lot(name: str, content: bytes) -> None:
    [found] = read_document(content, name)
    assert (found.lot.title, found.lot.postcode, found.lot.value) == (
        "Hot meals",
        "WS2 8RR",
        96_000,
    )
    assert [note for note in found.notes if "Cost centre" in note]


def test_a_row_that_cannot_be_used_is_told_with_the_others() -> None:
    untitled = [["", "WS2 8RR", 5 + n, "C2"] for n in range(30)]
    rows = [*TABLE, *untitled, ["Total", "", 99, ""]]
    [found] = read_document(as_csv(rows), "lots.csv")
    left = [note for note in found.notes if note.startswith("Left out") and "lot" in note]
    assert "lots.csv row 3: title: is missing" in left[0]
    assert "lots.csv row 4: title: is missing" in left[1]
    assert sum("title: is missing" in note for note in left) + 10 == len(untitled)
    assert any("row of totals" in note for note in found.notes)


def test_a_row_with_cells_that_cannot_be_read_is_kept_to_be_corrected() -> None:
    rows = [*TABLE, ["Taxis", "nowhere", "lots", "C2"], ["Bins", "WS2 8RR", -5, ""]]
    meals, taxis, bins = read_document(as_csv(rows), "lots.csv")
    assert (meals.unread, [note for note in meals.notes if "Not read" in note]) == ({}, [])
    assert (taxis.lot.title, taxis.lot.value, taxis.lot.postcode) == ("Taxis", None, "")
    assert taxis.unread == {"postcode": "nowhere", "value": "lots"}
    for cell in ("row 3: postcode: 'nowhere'", "row 3: value: 'lots'"):
        assert [note for note in taxis.notes if cell in note]
    assert set(bins.unread) == {"value"}


@pytest.mark.parametrize("value", ["lots", "2000"])
def test_a_cell_that_cannot_be_read_is_not_told_of_another_lot_with_its_id(value: str) -> None:
    rows = [["Id", "Title", "Value"], ["1", "Meals", "1000"], ["1", "Taxis", value]]
    (meals,) = read_document(as_csv(rows), "lots.csv")
    assert (meals.lot.title, meals.lot.value, meals.unread) == ("Meals", 1000, {})
    assert [note for note in meals.notes if note.startswith("Left out") and "row 3" in note]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("lots.csv", b"Telephone;Fax\n1;2\n", "has no column title or description"),
        ("lots.xlsx", b"PK\x03\x04 not a workbook", "cannot be read as a spreadsheet"),
        ("lots.csv", make.workbook(TABLE), "save it as CSV"),
        ("lots.csv", b"Title,Value\n", "has no usable lot"),
        ("lots.xlsx", b" ", "is empty"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_by_its_own_name(
    name: str, content: bytes, why: str
) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        read_document(content, name)
    assert str(refused.value).startswith(name)


def test_a_table_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read_document(as_csv(TABLE), "lots.csv")
    with pytest.raises(BadInput):
        read_document(b"Telephone\n1\n", "lots.csv")
    assert not list(tmp_path.iterdir())


def test_a_docx_zip_bomb_is_refused_before_unpacking() -> None:
    content = make.bomb(2 * LARGEST_UNPACKED)
    assert len(content) < 1_000_000
    with pytest.raises(BadSource, match=r"unpacks to 20[01] MB.*may unpack to 100 MB"):
        read_document(content, "spec.docx")


def test_a_docx_with_too_many_parts_is_refused() -> None:
    out = io.BytesIO(make.word("Day care"))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(6_000):
            archive.writestr(f"word/media/{number}.bin", b"")
    with pytest.raises(BadSource, match="parts"):
        read_document(out.getvalue(), "spec.docx")


def test_docx_entities_are_not_expanded() -> None:
    content = io.BytesIO()
    evil = (
        '<!DOCTYPE w:document [<!ENTITY a "boom"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>Day care &a;&f;</w:t></w:r></w:p></w:body></w:document>"
    )
    with zipfile.ZipFile(io.BytesIO(make.word("x"))) as old, zipfile.ZipFile(content, "w") as new:
        for info in old.infolist():
            is_text = info.filename == "word/document.xml"
            new.writestr(info.filename, evil if is_text else old.read(info))
    (found,) = read_document(content.getvalue(), "spec.docx")
    assert found.lot.title == "Day care"


@pytest.mark.parametrize("cut", [30, 2_000, -1_000])
def test_a_truncated_docx_is_refused(cut: int) -> None:
    with pytest.raises(BadSource, match="damaged or truncated"):
        read_document(as_word()[:cut], "spec.docx")


def test_a_zip_that_is_not_a_word_document_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(BadSource, match="not a Word document"):
        read_document(out.getvalue(), "spec.docx")


# --- PDF --------------------------------------------------------------------------------------


def test_a_locked_pdf_is_refused() -> None:
    with pytest.raises(BadSource, match="locked with a password"):
        read_document(make.locked_pdf(), "spec.pdf")


def test_a_scanned_pdf_is_refused() -> None:
    with pytest.raises(BadSource, match="may be a scan"):
        read_document(make.blank_pdf(), "spec.pdf")


def test_a_pdf_with_too_many_pages_is_refused() -> None:
    with pytest.raises(BadSource, match=rf"has {MOST_PAGES + 1} pages; give at most {MOST_PAGES}"):
        read_document(make.blank_pdf(MOST_PAGES + 1), "spec.pdf")


def test_the_header_and_footer_of_every_page_are_left_out() -> None:
    pages = [["Wallbrook tender pack", f"Part {n} asks for day care.", "Official"] for n in "ABCD"]
    (found,) = read_document(make.pdf(*pages), "spec.pdf")
    text = f"{found.lot.title}\n{found.lot.description}"
    assert all(f"Part {n} asks" in text for n in "ABCD")
    assert "Official" not in text


@pytest.mark.parametrize("content", [b"%PDF-1.7\nrubbish", as_pdf()[:60]])
def test_a_damaged_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(BadSource, match="damaged or is not a PDF"):
        read_document(content, "spec.pdf")


# --- refusals -----------------------------------------------------------------------------------


def test_a_file_of_200_megabytes_is_refused() -> None:
    with pytest.raises(BadSource, match="is 200 MB; a file may have 16 MB"):
        read_document(b"x" * (200_000_000), "spec.txt")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("spec.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "old Word file"),
        ("spec.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "locked with a password"),
        ("spec.exe", b"MZ\x90", "not a type of file that can be read"),
        ("spec", b"Day care", "not a type of file that can be read"),
        ("spec.docx", b"Day care", r"is named \.docx but is something else"),
        ("spec.pdf", as_word(), r"is named \.pdf but is a zip or Word file"),
        ("spec.txt", as_pdf(), r"is named \.txt but is a PDF"),
        ("spec.txt", b"PK\x03\x04rest", r"is named \.txt but is a zip"),
        ("spec.txt", b"\x89PNG\r\n\0\0", "is not text"),
        ("spec.txt", b"", "is empty"),
        ("spec.txt", b" \n\t ", "is empty"),
        ("spec.json", b"Day care", "is not JSON"),
        ("spec.json", b"{'a': 1}", "no usable lot"),
    ],
)
def test_other_files_are_refused_with_the_file_name(name: str, content: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        read_document(content, name)
    assert str(refused.value).startswith(name)


def test_too_many_lots_are_refused() -> None:
    text = "\n".join(f"Lot {n}: Day care {n}" for n in range(1, MOST_LOTS + 2))
    with pytest.raises(BadLot, match=f"has {MOST_LOTS + 1} lots; give at most {MOST_LOTS}"):
        read_text(text, "pasted")


def test_a_text_longer_than_a_million_characters_is_refused() -> None:
    with pytest.raises(BadLot, match="give at most 1,000,000"):
        read_text("Day care. " * 110_000, "pasted")


# --- scripts, contacts and arbitrary input ------------------------------------------------------


def test_a_script_in_a_specification_stays_text() -> None:
    script = "<script>alert('x')</script>"
    (found,) = read_text(f"Day care\n{script}", "pasted")
    assert script in found.lot.description


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("In Netherton (DY2 9AH).\nThanks\nJo\nCouncil House, Priory Road, DY1 1HF", "DY2 9AH"),
        ("Location: Elmore Row, WS3 2HR\nReturn by post to WS1 1TP", "WS3 2HR"),
        ("Delivery location: streets in Middleton, M24\nCivic offices, OL16 1XU", "M24"),
        ("Deliver to WS3 2HR. Send bids to the town hall, WS1 1TP.", "WS3 2HR"),
        ("Clean the town hall, WS1 1TP", "WS1 1TP"),
        ("From WS1 1TP to WS3 2HR", "WS3 2HR"),
        ("Kind regards\nJo\nTown hall, WS1 1TP", "WS1 1TP"),
    ],
)
def test_the_postcode_of_the_work_comes_before_that_of_an_office(text: str, postcode: str) -> None:
    (found,) = read_text(f"Mowing of verges\n{text}", "pasted")
    assert found.lot.postcode == postcode


def test_contacts_in_a_specification_are_left_out() -> None:
    (found,) = read_text("Day care\nAsk Jo on 01922 555 010 or jo@example.org.", "pasted")
    assert "555" not in found.lot.description
    assert "@" not in found.lot.description


def read_or_refused(read: Callable[[], list[ExtractedLot]], name: str) -> list[ExtractedLot] | None:
    """The lots found, or None where it was refused with a message that starts with its name."""
    try:
        return read()
    except BadInput as wrong:
        refused = str(wrong)
    assert refused.startswith(name)
    return None


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read_or_refused(lambda: read_text(text, "pasted"), "pasted")
    if found is not None:
        assert found
        assert all(one.lot.title or one.lot.description for one in found)
        assert len({one.lot.id for one in found}) == len(found)


@given(st.binary(max_size=400), st.sampled_from(["a.docx", "a.pdf", "a.txt", "a.json"]))
def test_any_file_is_read_or_refused(content: bytes, name: str) -> None:
    magic = {"a.docx": b"PK\x03\x04", "a.pdf": b"%PDF-1.4\n"}.get(name, b"")
    for given_bytes in (content, magic + content):
        assert read_or_refused(partial(read_document, given_bytes, name), name) != []


@given(st.lists(st.sampled_from(["Day care", "Meals", "Grass"]), min_size=2, max_size=9))
def test_every_headed_lot_is_found_in_order(named: list[str]) -> None:
    text = "\n".join(f"Lot {n}: {title}\nSome of it." for n, title in enumerate(named, 1))
    assert titles(read_text(f"Services\n{text}", "pasted")) == named


# --- real lots --------------------------------------------------------------------------------


@needs_shared
def test_real_lots_are_found_in_a_specification() -> None:
    path = SHARED / "fixtures/devolved-tenders/tenders-with-lots.jsonl"
    tenders = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    several = [one for one in tenders if len(one["lots"]) > 1][::9]
    whole = 0
    for tender in several:
        parts = [f"# {tender['title']}", tender["description"]]
        for number, lot in enumerate(tender["lots"], 1):
            parts += [f"## Lot {number}: {lot['title'] or 'Part'}", lot["description"]]
        found = read_document(make.word(*parts, "# Terms", "The usual."), "spec.docx")
        whole += len(found) == len(tender["lots"])
    assert whole >= 0.95 * len(several)


# --- values and terms ---------------------------------------------------------------------------


def test_options_count_and_a_single_term_after_the_last_lot_is_for_every_lot() -> None:
    text = (
        "Lot 1: Meals\nThe budget is £10,000 a year.\nLot 2: Transport\nThe budget is £20,000 "
        "a year.\nThe contracts run for two years with an option to extend by one further year."
    )
    meals, transport = read_text(text, "pasted")
    assert (meals.lot.value, meals.lot.years) == (30_000, 3)
    assert (transport.lot.value, transport.lot.years) == (60_000, 3)
    assert any("options to extend it, 3 years in all" in note for note in meals.notes)


def test_an_unclear_budget_counts_as_yearly_until_somebody_says() -> None:
    (found,) = read_text("Meals at home. The budget is £60,000. The term is 3 years.", "pasted")
    assert (found.lot.value, found.lot.value_if_whole) == (180_000, 60_000)
    assert any("does not say whether" in note for note in found.notes)
    (total,) = read_text("Meals. The total budget is £60,000. The term is 3 years.", "pasted")
    assert (total.lot.value, total.lot.value_if_whole) == (60_000, None)


@pytest.mark.parametrize(
    ("said", "value", "if_whole"),
    [
        ("The budget is £90,000 for three years.", 90_000, None),
        ("The budget is £90,000 (plus VAT) spread across three years.", 90_000, None),
        ("The budget is £90,000 and the contract runs for three years.", 270_000, 90_000),
        ("The budget is £90,000 a year for three years.", 270_000, None),
    ],
)
def test_an_amount_for_a_length_is_for_the_whole_of_it(
    said: str, value: float, if_whole: float | None
) -> None:
    (found,) = read_text(f"Meals at home. {said}", "pasted")
    assert (found.lot.value, found.lot.value_if_whole, found.lot.years) == (value, if_whole, 3)
