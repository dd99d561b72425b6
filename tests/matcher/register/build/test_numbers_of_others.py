"""A person says that records with a number are of another organisation: every build follows it."""

from __future__ import annotations

from pathlib import Path

from matcher.core.types import Award, Payment, Provider, Remark, Tally
from matcher.register.build.build import build
from matcher.register.build.decisions import decide, undo
from matcher.register.build.erase import suppress
from matcher.register.linkage.one_number import unlike
from matcher.register.register import Register
from tests.factory import award, provider
from tests.registers import feed, registered

_NUMBER = "GB-CHC-1150079"
_KNOWN = provider(_NUMBER, "WS1 1TP", name="Willowmere Befriending Society")
_OTHER = provider(_NUMBER, "WS2 8RR", name="Kestrel Weavers of Aldridge", ids=("GB-COH-01234567",))
_AWARD = award("a-1", _OTHER)
(_FOUND,) = unlike([_KNOWN, _KNOWN, _OTHER])
_OWN = _FOUND.id


def _build(path: Path, places: Path, *items: Provider | Award) -> Register:
    again = provider(_NUMBER, "WS1 2AA", name="WILLOWMERE BEFRIENDING SOCIETY")
    return registered(path, places, _KNOWN, again, *items)


def _names(register: Register) -> set[str]:
    return {
        name
        for organisation in register.organisations
        for name in (organisation.provider.name, *organisation.provider.aliases)
    }


def test_the_award_is_of_the_organisation_whose_name_it_gives(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "reg"
    before = _build(path, places_table, _AWARD)
    assert len(before) == 1
    decide(path, _NUMBER, _OWN, same=False)
    after = _build(path, places_table, _AWARD)
    rows = {o.provider.name: row for row, o in enumerate(after.organisations)}
    assert sorted(rows) == ["Kestrel Weavers of Aldridge", "WILLOWMERE BEFRIENDING SOCIETY"]
    assert len(after.won.of(rows["Kestrel Weavers of Aldridge"])) == 1
    weavers = after.organisations[rows["Kestrel Weavers of Aldridge"]].provider
    assert {weavers.id, *weavers.ids} == {"GB-COH-01234567", _OWN}
    assert undo(path, _NUMBER, _OWN)
    assert _build(path, places_table, _AWARD).manifest.version == before.manifest.version


def test_an_organisation_that_asked_to_stay_out_does_not_come_back_under_the_number(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "reg"
    _build(path, places_table, _OTHER)
    decide(path, _NUMBER, _OWN, same=False)
    assert _OTHER.name in _names(_build(path, places_table, _OTHER))
    suppress(path, _OWN)
    elsewhere = provider(_NUMBER, name=_OTHER.name)
    left = _build(path, places_table, elsewhere, award("a-2", elsewhere))
    assert len(left) == 1
    assert _OTHER.name not in _names(left)
    kept = "\n".join(p.read_text() for p in path.iterdir() if p.is_file())
    assert "estrel" not in kept


def test_an_organisation_stays_where_the_one_whose_number_it_gave_is_suppressed(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "reg"
    _build(path, places_table, _OTHER)
    decide(path, _NUMBER, _OWN, same=False)
    _build(path, places_table, _OTHER)
    suppress(path, _NUMBER)
    assert _names(registered(path, places_table, _KNOWN, _OTHER)) == {_OTHER.name}


def _told(path: Path, places: Path, *told: Remark | Payment) -> Register:
    feeds = [feed(_KNOWN, _OTHER), (Tally("more"), iter(told))]
    build(path, feeds, places_table=places)
    return Register.open(path)


_REMARK = Remark(provider(_NUMBER, name=_OTHER.name, tags=("weaving",)))
_PAID = Payment("Walsall Council", _OTHER.name, _NUMBER, "Arts", "", "Cloth", 2026 * 12, 700)


def test_a_remark_and_a_payment_are_of_the_organisation_whose_name_they_give(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "reg"
    registered(path, places_table, _KNOWN, _OTHER)
    decide(path, _NUMBER, _OWN, same=False)
    register = _told(path, places_table, _REMARK, _PAID)
    by_name = {o.provider.name: row for row, o in enumerate(register.organisations)}
    weavers = by_name[_OTHER.name]
    assert "weaving" in register.organisations[weavers].provider.tags
    assert _OTHER.name not in register.organisations[by_name[_KNOWN.name]].provider.aliases
    assert register.payments is not None
    assert weavers in register.payments.payee_row
    assert by_name[_KNOWN.name] not in register.payments.payee_row


def test_a_suppressed_name_does_not_come_back_with_a_remark_or_a_payment(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "reg"
    registered(path, places_table, _KNOWN, _OTHER)
    decide(path, _NUMBER, _OWN, same=False)
    registered(path, places_table, _KNOWN, _OTHER)
    suppress(path, _OWN)
    register = _told(path, places_table, _REMARK, _PAID)
    assert _names(register) == {_KNOWN.name}
    assert register.payments is not None
    assert {payee.name for payee in register.payments.payees} == {""}
