"""What the words of registers and tables mean: whether an organisation is still there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.types import Status
from matcher.sources.formats.statuses import cautions_in, status_of


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Active", Status.ACTIVE),
        ("Active - Proposal to Strike off", Status.ACTIVE),
        ("Registered", Status.ACTIVE),
        ("Removed", Status.REMOVED),
        ("Deregistered", Status.REMOVED),
        ("inactive", Status.REMOVED),
        ("Liquidation", Status.INSOLVENT),
        ("In Administration/Administrative Receiver", Status.INSOLVENT),
        ("RECEIVERSHIP", Status.INSOLVENT),
        ("voluntary arrangement / receiver manager", Status.INSOLVENT),
        ("Dissolved", Status.DISSOLVED),
        ("unknown (2012 extract)", Status.UNKNOWN),
        ("", Status.UNKNOWN),
        ("Not active", Status.REMOVED),
        ("No longer active", Status.REMOVED),
        ("non-active", Status.REMOVED),
        ("not currently registered", Status.REMOVED),
        ("Unregistered", Status.UNKNOWN),
        ("Unregistered 2019", Status.REMOVED),
        ("De registered", Status.REMOVED),
        ("Registration cancelled", Status.REMOVED),
        ("Removed (reason unknown)", Status.REMOVED),
        ("Struck off", Status.DISSOLVED),
        ("struck-off", Status.DISSOLVED),
        ("Ceased trading", Status.DISSOLVED),
        ("converted-closed", Status.DISSOLVED),
        ("Amalgamated", Status.DISSOLVED),
        ("voluntary-arrangement", Status.INSOLVENT),
        ("insolvency-proceedings", Status.INSOLVENT),
        ("Winding up", Status.INSOLVENT),
        ("Live but Receiver Manager on at least one charge", Status.INSOLVENT),
        ("active-proposal-to-strike-off", Status.ACTIVE),
        ("Active - not in administration", Status.ACTIVE),
        ("Live", Status.ACTIVE),
        ("Dormant", Status.UNKNOWN),
    ],
)
def test_status_of(words: str, status: Status) -> None:
    assert status_of(words) is status


@pytest.mark.parametrize("gone", ["Removed", "Dissolved", "In liquidation", "Struck off", "Closed"])
@pytest.mark.parametrize("there", ["Active", "registered", "open"])
def test_words_that_say_gone_count_before_words_that_say_there(gone: str, there: str) -> None:
    assert not status_of(f"{there} ({gone})").may_rank
    assert not status_of(f"{gone}, formerly {there}").may_rank


STILL_THERE = (
    *("Active, merged with Dunlin in 2018", "Registered (converted from a CIC)"),
    *("Registered (transferred from the Fife list)", "Active; music licence expired"),
    *("Open - closed in August", "Live (closed to new learners)", "Active - not revoked"),
    *("Active (formerly in liquidation)", "Registered - previously suspended"),
    *("Registered; no longer a company", "Active, not yet registered", "Open to adults, 2 halls"),
    *("Active - neither suspended nor removed", "Active until 2099", "Still open", "Yes - active"),
    *("Registered, not registered for VAT", "Active (administrative office in Dudley)"),
    *(
        "Previously suspended, now active",
        "Status: running",
        "Now operational",
        "Now available",
        "Current",
    ),
)
NOT_GONE = (
    *("Not yet closed", "Never cancelled", "Not wound-up", "Not suspended or dissolved"),
    *("No longer suspended", "Not being closed", "Not in administration or liquidation"),
    *("Not known to be active", "Not sure if open", "Information not available"),
    *("Temporarily closed", "temporarily_suspended", "Closed temporarily", "Not struck-off"),
)
GONE = (
    *("Active but not trading", "Registered until 2018", "Active from 2004 to 2018", "Active: no"),
    *("Formerly active", "Was registered until 2018", "Not now open"),
    *("cease trading", "Strike-off", "Deactivated", "Shut", "Dissolving", "Doesn't operate"),
    *(
        "No longer available",
        "Out of business",
        "Registered - struck off 03/04/2018",
        "Live (dissolved 3 May 2018)",
    ),
    *("Open, then closed permanently", "Active but in administration", "Company was removed"),
    *("Active; no longer registered", "Trading ceased", "in-active", "Registered but inactive"),
)


@pytest.mark.parametrize(
    "words",
    [
        *("Open-ended", "Yes - but closed Mondays", "Closed on Sundays", "Closed (weekends)"),
        *("Closed to new members", "closed at lunchtime", "Closed every Friday", "Closed Tues"),
        *("Administrative office", "Office administration", "Administrated by trustees"),
        *("Not registered", "Not registered (exempt)", "Unregistered group", "Never registered"),
        *("Was shut, now open", "Dissolved 2018, reinstated 2020", "Removed (restored 3/4/2021)"),
        *("Struck off and re-registered", "Closed in 2020 - open again", "Lapsed; now active"),
        *("Closed - Mondays", "Waiting list closed", "Referrals are now closed"),
        *("Removed then re-instated", "Closed Sat & Sun", "Closed for the summer"),
        *("Closed 2019, reopened in 2020", "Dissolved; restored by court order"),
        *("Registered - struck off 2018, restored 2020", "Active (not registered)"),
    ],
)
def test_closed_days_small_groups_and_those_that_came_back_may_rank(words: str) -> None:
    assert status_of(words).may_rank


@pytest.mark.parametrize(
    "words",
    [
        *("Restored 2019, dissolved 2021", "Dissolved, not restored", "Removed; to be restored"),
        *("Dissolved, now trading as Dunlin", "Removed 2019, now registered as a CIO"),
        *("Closed Monday 3 June 2019", "Closed", "Closed to all", "Restored (struck off again)"),
        *("Administration order", "Charity in administration", "Administrators appointed"),
        *("Deregistered, never reopened", "Was unregistered", "Ddim yn weithredol"),
        *("Wedi dod i ben", "Closed summer 2019", "Closed Easter 2020", "Closed on Friday the 3rd"),
        *("Merged into Dunlin, now active", "Dissolved, now registered charity"),
    ],
)
def test_one_that_did_not_come_back_does_not_rank(words: str) -> None:
    assert not status_of(words).may_rank


@pytest.mark.parametrize("words", STILL_THERE)
def test_one_that_is_said_to_be_there_is_there_whatever_else_is_said(words: str) -> None:
    assert status_of(words) is Status.ACTIVE


@pytest.mark.parametrize("words", NOT_GONE)
def test_one_that_is_said_not_to_be_gone_may_rank(words: str) -> None:
    assert status_of(words) is Status.UNKNOWN


@pytest.mark.parametrize("words", GONE)
def test_one_that_is_gone_does_not_rank(words: str) -> None:
    assert not status_of(words).may_rank


@pytest.mark.parametrize("no", ["not", "never", "Not yet", "not been", "no longer"])
@pytest.mark.parametrize(
    "gone", ["removed", "de-registered", "struck off", "wound up", "in liquidation", "expired"]
)
def test_every_word_for_gone_can_be_denied(no: str, gone: str) -> None:
    assert status_of(f"{no} {gone}").may_rank
    assert status_of(f"Registered; {no} {gone}") is Status.ACTIVE
    assert not status_of(gone).may_rank


@given(st.text(max_size=40), st.sampled_from([*STILL_THERE, *NOT_GONE, *GONE]))
def test_case_and_spaces_do_not_matter(around: str, words: str) -> None:
    assert status_of(f"  {words.upper()} ") is status_of(words.replace(" ", "\n"))
    assert isinstance(status_of(f"{words} {around}"), Status)


UNTIL = (
    *("Active until {}", "Registered from 2004 to {}", "Open (until {})", "Live: up to {}"),
    *("Active - expires {}", "Registration valid until {}", "Current to the end of {}"),
    *("Active untill {}", "Registered up to and including {}", "Active (expiry {})"),
)


FORMS = ("%d/%m/%y", "%d/%m/%Y", "%d-%b-%y", "%d %B %Y")


@pytest.mark.parametrize(
    ("words", "form"),
    [*((words, "%Y-%m-%d") for words in UNTIL), *((UNTIL[0], form) for form in FORMS)],
)
def test_one_that_is_there_until_a_day_is_there_before_it(words: str, form: str) -> None:
    last = date(2030, 12, 31)
    said = words.format(last.strftime(form))
    assert status_of(said, last - timedelta(days=1)) is Status.ACTIVE
    assert status_of(said, last) is Status.REMOVED


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("2030", date(2030, 12, 31)),
        ("April 2030", date(2030, 4, 30)),
        ("04/2030", date(2030, 4, 30)),
    ],
)
def test_a_year_or_month_has_passed_when_it_has_ended(until: str, last: date) -> None:
    assert status_of(f"Active until {until}", last - timedelta(days=1)) is Status.ACTIVE
    assert status_of(f"Active until {until}", last) is Status.REMOVED


def test_one_that_is_there_until_a_day_that_is_none_does_not_rank() -> None:
    assert status_of("Active until 31/02/2030", date(2029, 1, 1)) is Status.REMOVED
    assert status_of("Active until 31/12/9999", date(2029, 1, 1)) is Status.ACTIVE


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Current status dissolved", Status.DISSOLVED),
        ("Current status is removed", Status.REMOVED),
        ("Current record removed", Status.REMOVED),
        ("Valid registration removed", Status.REMOVED),
        ("Current status unknown", Status.UNKNOWN),
        ("Current", Status.ACTIVE),
        ("Current member", Status.ACTIVE),
        ("Current (in liquidation)", Status.INSOLVENT),
        ("Current, not in liquidation", Status.ACTIVE),
        ("No current registration", Status.UNKNOWN),
        ("Status: current", Status.ACTIVE),
        ("No valid licence", Status.UNKNOWN),
    ],
)
def test_current_before_a_noun_does_not_say_that_it_is_there(words: str, status: Status) -> None:
    assert status_of(words) is status


@pytest.mark.parametrize(
    "words",
    [
        *("Being wound down", "winding-down", "Folded 2019", "Gone bust", "CVL", "In MVL", "Diss."),
        *(
            "Wedi cau",
            "Wedi'i ddiddymu",
            "Wedi'i dynnu o'r gofrestr",
            "Anweithredol",
            "Yn ymddatod",
        ),
    ],
)
def test_abbreviations_and_welsh_words_for_gone_are_read(words: str) -> None:
    assert not status_of(words).may_rank


@pytest.mark.parametrize("words", ["Gweithredol", "Cofrestredig", "cofrestredig (2004)"])
def test_welsh_words_for_there_are_read(words: str) -> None:
    assert status_of(words) is Status.ACTIVE


@pytest.mark.parametrize("left", ["Exited", "emerged from", "Came out of", "discharged from"])
@pytest.mark.parametrize("what", ["administration", "liquidation", "a voluntary arrangement"])
def test_one_that_left_its_insolvency_may_rank(left: str, what: str) -> None:
    assert status_of(f"{left} {what} in 2020").may_rank
    assert status_of(f"{left} {what} 2020, now active") is Status.ACTIVE


@pytest.mark.parametrize(
    "words",
    [
        *(
            "Closed during June",
            "Closed every December",
            "Closed July & August",
            "Shut for repairs",
        ),
        *("Closed 12.30pm to 2pm", "Closed from 12 to 1pm"),
        *("Closed 20 December to 4 January", "Closed on a Friday", "Closed bank hols"),
        *("Closed for renovation", "Closed after a fire, reopens in spring", "Closed group"),
        *("Deregistered but still running", "Removed but active", "Removed, continues to meet"),
        *(
            "Merged from Dunlin and Plover",
            "Converted from a trust",
            "Closed list",
            "Removed in error",
        ),
        *("Formed by the merged Dunlin and Plover clubs", "No longer taking new referrals"),
        *("Insurance expired", "Strike-off action has been discontinued", "Strike off notice"),
        "Strike-off proposed",
    ],
)
def test_one_that_is_there_though_a_word_says_gone_may_rank(words: str) -> None:
    assert status_of(words).may_rank


@pytest.mark.parametrize(
    "words",
    [
        *("Disbanded", "Group disbanded 2021", "De-reg 2019", "Delisted", "Superseded by Dunlin"),
        *("Replaced by Dunlin CIO", "Absorbed into Dunlin", "Incorporated into Dunlin"),
        *("Taken over by Dunlin", "Closing down", "In the process of closing", "Gone away 2020"),
        *("Dead", "Former", "Former charity", "Historic", "Void", "Retired", "RM", "Disabled"),
        *("Compulsory strike-off", "Not in existence", "Doesn't meet any more", "Off register"),
        *("Ar gau", "Wedi'i gau", "Daeth i ben", "Wedi'i ddileu", "Nid yw'n weithredol", "Dùinte"),
        *("Ddim yn bodoli mwyach", "Active until closure in 2019", "Closed August 2021"),
        *("Closed in August 2021", "Closed during 2021", "Closed, not reopening", "Dissolved"),
        *(
            "Closed for good",
            "Closed August",
            "Closed and never reopening",
            "Merged from 1 April 2019",
        ),
        *("Still closed", "Was still active in 2018, removed 2020", "Ar gau yn barhaol"),
    ],
)
def test_more_words_for_gone_are_read(words: str) -> None:
    assert not status_of(words).may_rank


@pytest.mark.parametrize(
    "words",
    [
        *(
            "Gone digital",
            "Former miners' club",
            "Retired people welcome",
            "Disabled people's group",
        ),
        "Historic buildings",
    ],
)
def test_a_word_that_says_gone_alone_says_nothing_beside_others(words: str) -> None:
    assert status_of(words) is Status.UNKNOWN


@pytest.mark.parametrize(
    "words",
    [
        *("Closed from {}", "Closed with effect from {}", "To be removed {}", "Dissolved on {}"),
        *("In liquidation from {}", "Removed {}"),
    ],
)
@pytest.mark.parametrize("form", ["%d/%m/%Y", "%d %B %Y", "%Y-%m-%d"])
def test_one_whose_end_is_to_come_is_there_before_it(words: str, form: str) -> None:
    last = date(2030, 12, 31)
    said = words.format(last.strftime(form))
    assert status_of(said, last - timedelta(days=1)) is Status.ACTIVE
    assert not status_of(said, last).may_rank


def test_one_that_is_suspended_until_a_day_does_not_rank_before_it() -> None:
    assert not status_of("Suspended until 31/12/2030", date(2030, 6, 1)).may_rank


@pytest.mark.parametrize(
    ("words", "cautions"),
    [
        ("Dormant", ("dormant",)),
        ("active-proposal-to-strike-off", ("proposal to strike off",)),
        ("Active; accounts overdue", ("accounts overdue",)),
        ("Submission Double Default", ("accounts overdue",)),
        ("Active - strike off action suspended", ()),
        ("No longer dormant", ()),
        ("Active", ()),
    ],
)
def test_what_a_buyer_should_check_is_read_in_a_status(
    words: str, cautions: tuple[str, ...]
) -> None:
    assert cautions_in(words) == cautions


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Weithredol", Status.ACTIVE),
        ("Yn masnachu", Status.ACTIVE),
        ("Ar agor", Status.ACTIVE),
        ("Heb fod yn weithredol", Status.REMOVED),
        ("Nid yw bellach yn masnachu", Status.REMOVED),
        ("Wedi'i diddymu", Status.DISSOLVED),
        ("Mewn gweinyddiaeth", Status.INSOLVENT),
        ("Part A1 moratorium", Status.INSOLVENT),
        ("Removed 2021, re-registered as a CIO", Status.REMOVED),
        ("Removed in error, re-registered 2024", Status.ACTIVE),
    ],
)
def test_welsh_statuses_and_other_registrations(words: str, status: Status) -> None:
    assert status_of(words) is status


def test_a_welsh_company_may_be_dormant() -> None:
    assert cautions_in("Segur") == cautions_in("Dormant") != ()
