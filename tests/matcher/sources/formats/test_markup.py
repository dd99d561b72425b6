from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.sources.formats.json_values import text
from matcher.sources.formats.line_breaks import with_line_breaks
from matcher.sources.formats.markup import without_markup


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<p>Day <b>care</b> &amp; respite</p><p>Weekly</p>", "Day care & respite\nWeekly"),
        ("&lt;p&gt;Day care&lt;/p&gt;", "Day care"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("One<br/>two<BR>three", "One\ntwo\nthree"),
        ("<ul><li>Tea</li><li>Cake</li></ul>", "Tea\nCake"),
        ('<a href="https://example.org">Our site</a>', "Our site"),
        ("<!-- note -->Walks<script>x < 1</script>", "Walks<script>x < 1</script>"),
        ("<style type='text/css'>p{color:red}</style><b>Walks</b><SCRIPT>x()</SCRIPT >", "Walks"),
        ("Walks <script>x()</script>", "Walks <script>x()</script>"),
        ("**Hot meals** for [older people](https://x.example/a)", "Hot meals for older people"),
        ("2 ** 3 [see note] (daily) **", "2 ** 3 [see note] (daily) **"),
        ("Fewer than <5 people, or >10 & under £3", "Fewer than <5 people, or >10 & under £3"),
        ("a < b and b > c", "a < b and b > c"),
        ("Write to <name of manager>", "Write to <name of manager>"),
    ],
)
def test_html_is_taken_out_and_other_signs_stay(written: str, plain: str) -> None:
    assert text(written) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Clean the tavernrnrnThen lock it", "Clean the tavern\nThen lock it"),
        ("Guests learnrnand adjournrnrnFees", "Guests learn\nand adjourn\nFees"),
        ("Rooms in BlackburnrnrnRooms in Leeds", "Rooms in Blackburn\nRooms in Leeds"),
        ("Three nursesrnDay shifts", "Three nurses\nDay shifts"),
        ("Open to allrn- drivers", "Open to all\n- drivers"),
        ("From 2026rnrnTerm", "From 2026\nTerm"),
        ("Ends.rnrnStarts", "Ends.\nStarts"),
        ("A homernrnA garden", "A home\nA garden"),
    ],
)
def test_line_breaks_written_as_letters_are_restored(written: str, plain: str) -> None:
    assert text(written) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Childrenâ€™s cafÃ© meals â€“ Â£5", "Children’s café meals – £5"),
        ("ChildrenÃ¢â‚¬â„¢s meals", "Children’s meals"),
        ("TÅ· â‚¬5", "Tŷ €5"),
        ("Children\u0092s meals \u0096 west", "Children’s meals – west"),
        ("Â’i deulu, château, naïve, “café”… ÃO", "Â’i deulu, château, naïve, “café”… ÃO"),
    ],
)
def test_signs_read_in_the_wrong_encoding_are_restored(written: str, plain: str) -> None:
    assert text(written) == plain


@pytest.mark.parametrize(
    "word",
    [
        *("Northern", "modern", "return", "Blackburn", "learning", "turned", "internal"),
        *("government", "born", "LearnDirect", "Ahern", "PRN", "prn", "furniture", "journey"),
        *("fraternity", "Confraternal", "quaternary"),
        *("Malvern-wide", "Kinghorn-based", "Severn-side", "Severn–Avon", "Nairn-Smith"),
        *("https://maps.example/x7rnK2", "www.example.org/a/4rn9", "pre-born-again"),
        *("governor", "reddit.example/r/news", "Fernand"),
    ],
)
def test_words_are_not_harmed(word: str) -> None:
    for sentence in (word, f"The {word}.", f"{word} one", f"{word}, {word}"):
        assert with_line_breaks(sentence) == sentence


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("Gutteringrn Clear outs", "Guttering\n Clear outs"),
        ("Interiorrn Clearancern Communal areas", "Interior\n Clearance\n Communal areas"),
        ("Graffitirn Windows", "Graffiti\n Windows"),
        ("Sheds and fencesrnand gates.rnBins", "Sheds and fences\nand gates.\nBins"),
        ("Ask BAMErngroups, EALrnpupils", "Ask BAME\ngroups, EAL\npupils"),
        ("See https://x.example/bids.rnReply by May", "See https://x.example/bids.\nReply by May"),
        ("See https://x.example/a.rnb and wait", "See https://x.example/a.rnb and wait"),
        ("£5,000rnper year", "£5,000\nper year"),
        ("rn rnMealsrn- hot", "\n \nMeals\n- hot"),
        (r"Meals.\r\nTea.\nCake", "Meals.\nTea.\nCake"),
        ("lunchesrndinnersrnteas", "lunches\ndinners\nteas"),
        ("for the NHSrnThe lot", "for the NHS\nThe lot"),
        (
            "by the Councilrn(Lot 1) with lunchesrnand teas",
            "by the Council\n(Lot 1) with lunches\nand teas",
        ),
        ("We need:rna) lunchesrnb) teas.rnthe rest", "We need:\na) lunches\nb) teas.\nthe rest"),
        (
            "Ask at lifeboats.rnli.org or post@rnib.org.uk",
            "Ask at lifeboats.rnli.org or post@rnib.org.uk",
        ),
        ("modern cateringrnin the north", "modern catering\nin the north"),
        ("CleaningrnSCOPErnAll sites", "Cleaning\nSCOPE\nAll sites"),
        ("In the Severn arearn", "In the Severn area\n"),
        ("We need £5mrnof cover", "We need £5m\nof cover"),
        ("Gesellschaft mit beschrnkter Haftung", "Gesellschaft mit beschrnkter Haftung"),
        ("Lunches_x000D_Teas", "Lunches\nTeas"),
        ("Up to £40krnBy 12pmrnNow ASAPrn", "Up to £40k\nBy 12pm\nNow ASAP\n"),
        ("Lot 1 MalvernrnrnLe caférnThe end", "Lot 1 Malvern\nLe café\nThe end"),
        ("Homes in Larkshirernand Owlton", "Homes in Larkshire\nand Owlton"),
        ("Reply by 12 Junern", "Reply by 12 June\n"),
        ("The teams arern in the scopern of it", "The teams are\n in the scope\n of it"),
        ("One.,rnParkrnLoch Larnarn Loch Owlern 3", "One.,\nPark\nLoch Larna\n Loch Owle\n 3"),
        ("Ends.,rnParkrnAskern Hall, Malvern 3", "Ends.,\nPark\nAskern Hall, Malvern 3"),
        (
            "Bids rnsubmitted late: rnhttps://x.example",
            "Bids \nsubmitted late: \nhttps://x.example",
        ),
        ("At https://x.example/rnOnce in", "At https://x.example/\nOnce in"),
        ("**News**rnRG7 4SArnUnited Q&ArnNotes", "**News**\nRG7 4SA\nUnited Q&A\nNotes"),
        ("rnib, lark-owlern", "rnib, lark-owlern"),
        ("Price 60%rnQuality 40%rn", "Price 60%\nQuality 40%\n"),
        ("Lot 'A'rnLot \"B\"rnthe rest", "Lot 'A'\nLot \"B\"\nthe rest"),
        (
            "We need:rn- driversrn- carern- a lecternrn",
            "We need:\n- drivers\n- care\n- a lectern\n",
        ),
        ("From lunchesrnteas;rna stillborn idea", "From lunches\nteas;\na stillborn idea"),
        (r"Meals\r\nTea\nand cake", "Meals\nTea\nand cake"),
        ("Meals.\\r\nTea.\\\\r\\r\n\\\\r\nCake\\r", "Meals.\n\nTea.\n\n\n\nCake\n"),
        (r"Meals.\\r\\nTea.\\nCake", "Meals.\nTea.\nCake"),
        (r"Files in C:\new\names", r"Files in C:\new\names"),
        ("Mealsrn-lunches", "Meals\n-lunches"),
        ("Meals/r/nTea/r/n", "Meals\nTea\n"),
        ("Meals%0D%0ATea%0d%0aCake", "Meals\nTea\nCake"),
        ("home carernand mealsrnof all sorts", "home care\nand meals\nof all sorts"),
        ("Ask info@schoolsrnetwork.example now", "Ask info@schoolsrnetwork.example now"),
        ("up to £40krnper year", "up to £40k\nper year"),
        ("buses, coachesrnminibuses", "buses, coaches\nminibuses"),
        ("See www.example.org/tendersrnThe lot", "See www.example.org/tenders\nThe lot"),
        ("See www.example.org/tendersrn The lot", "See www.example.org/tenders\n The lot"),
        ("Severn Trent, Malvern Hills", "Severn Trent, Malvern Hills"),
        ("By the searnThe pier in SwansearnTwo", "By the sea\nThe pier in Swansea\nTwo"),
        ("We learnrnrnLot TwornrnWho earnrnrn", "We learn\nLot Two\nWho earn\n"),
        ("groups of 11rnand of childrenrnaged 4", "groups of 11\nand of children\naged 4"),
        (
            "as follows:-rn - meals for 65+rnand —rn(a) tea",
            "as follows:-\n - meals for 65+\nand —\n(a) tea",
        ),
        ("a mi-rna test, the Councils'rn", "a mi-rna test, the Councils'\n"),
        ("the Council'srnThe driver’srnbus", "the Council's\nThe driver’s\nbus"),
        ("for driversrnwho take clientsrnlive", "for drivers\nwho take clients\nlive"),
        (r"Meals\rTea\rCake", "Meals\nTea\nCake"),
    ],
)
def test_line_breaks_written_as_letters_are_mended(written: str, mended: str) -> None:
    assert with_line_breaks(written) == mended


@given(st.text("<>pb/ &;rn.Aa", max_size=40))
def test_any_text_is_read(written: str) -> None:
    assert len(with_line_breaks(without_markup(written))) <= len(written) * 2 + 2


@pytest.mark.parametrize(
    "word", ["cadarn", "tafarn", "uffern", "asgwrn", "haearn", "darn", "gwern"]
)
def test_welsh_words_stay_whole_where_line_breaks_are_mended(word: str) -> None:
    broken = f"First thing.,rnThe {word} here,rnsecond shedrnthird"
    assert with_line_breaks(broken) == f"First thing.,\nThe {word} here,\nsecond shed\nthird"
