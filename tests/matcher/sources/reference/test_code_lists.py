"""Code lists in their published layouts."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import inflate64
import pytest

from matcher.core.errors import BadSource
from matcher.sources.formats.text_files import text_files
from matcher.sources.reference import code_lists
from tests.published import CPV, packed


def test_sic_codes_keep_their_leading_zeros(tmp_path: Path) -> None:
    path = tmp_path / "sic.csv"
    path.write_text("SIC Code,Description\r\n1110,Growing of cereals\r\n49390,Transport\r\n")
    assert code_lists.sic([path]) == {"01110": "Growing of cereals", "49390": "Transport"}


def test_cpv_codes_have_their_english_names(tmp_path: Path) -> None:
    path = tmp_path / "cpv.zip"
    path.write_bytes(packed({"cpv_2008.xml": CPV, "code_cpv_suppl_2008.xml": "<not read"}))
    assert code_lists.cpv([path]) == {
        "60130000": "Special-purpose road passenger-transport services"
    }


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<CPV_CODE><CPV CODE=", "is not XML"),
        ("<CPV_CODE/>", "has no code with a name"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares XML entities"),
    ],
)
def test_other_files_are_not_a_cpv_list(tmp_path: Path, body: str, why: str) -> None:
    path = tmp_path / "cpv.zip"
    path.write_bytes(packed({"cpv_2008.xml": body}))
    with pytest.raises(BadSource, match=why):
        code_lists.cpv([path])


def test_another_table_is_not_a_sic_list(tmp_path: Path) -> None:
    path = tmp_path / "sic.csv"
    path.write_text("a,b\r\n1,2\r\n")
    with pytest.raises(BadSource, match="has no column 'sic code', 'description'"):
        code_lists.sic([path])


def deflated64(name: str, body: bytes) -> bytes:
    """A zip whose member is packed by Deflate64, which the standard library does not write."""
    packer = inflate64.Deflater()
    packed_body = packer.deflate(body) + packer.flush()
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), packed_body)
        info = archive.getinfo(name)
    whole = bytearray(plain.getvalue())
    directory = whole.index(b"PK\x01\x02")
    for method, size in ((8, 22), (directory + 10, directory + 24)):
        whole[method : method + 2] = (9).to_bytes(2, "little")
        whole[size : size + 4] = len(body).to_bytes(4, "little")
    assert info.compress_size == len(packed_body)
    return bytes(whole)


def test_a_deflate64_zip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cpv.zip"
    path.write_bytes(deflated64("cpv_2008.xml", CPV.encode() + b"\n" + b" " * 300_000))
    assert len(code_lists.cpv([path])) == 1


def test_a_truncated_deflate64_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cpv.zip"
    whole = bytearray(deflated64("cpv_2008.xml", CPV.encode()))
    directory = whole.index(b"PK\x01\x02")
    whole[directory + 24 : directory + 28] = (10**6).to_bytes(4, "little")
    path.write_bytes(bytes(whole))
    (file,) = text_files([path])
    with pytest.raises(BadSource, match="damaged or truncated"):
        list(file.lines())
