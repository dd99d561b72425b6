"""Amounts of money that are not the value of a contract, by the words around them.

The most that may be spent counts as the value: 'up to', 'not more than', and a budget, cost or
price 'under', 'below' or 'less than' an amount. A value that is under an amount does not count, nor
what a contract is worth less than: that tells on which side of a limit of the law it may be.
"""

from __future__ import annotations

import re

from matcher.sources.wording.amount_periods import is_each_or_all
from matcher.sources.wording.option_words import AN_OPTION, OPTION

_TIMES = (
    r"\d{1,2}|full|whole|annum|year|yr|month|mth|week|wk|fortnight|quarter|qtr"
    r"|half(?!(?: |-)?term)|term|annual|cent|contract"
    r"|calendar|financial|academic|school (?:year|term)|option|optional|extension|further|lot"
    r"|following|later|remaining|subsequent"
    r"|(?:two|three|four|six|twelve)[ -]?(?:weekly|months?|weeks?)"
)
"""What may follow 'per' in the value of a contract."""
_SPANS = r"(?:years?|months?|quarters?|weeks?|terms?|options?|extensions?|periods?|seasons?)"
_PRICE_OF_UNIT = (
    r"(?:bed|child|client|hour|meal|mile|placement|pupil|season|session|unit|visit)"
    r" (?:charge|cost|fee|price|rate)s?"
)
OF_A_UNIT = "the price of a unit"
OF_RISK = "of insurance, a bond, a debt or a deduction"
OF_INCOME = "income, savings, pay or what things are worth"
OF_MORE = "a budget that pays for more than the contract"
OF_LIMIT = "a limit"
OF_CHANGE = "what the value changes by"
OF_PART = "for a part of the contract alone"
OF_PAYMENT = "for each payment or for all of them, which it does not say"
PAST = "of an earlier contract or what was spent"
_OTHERS = {
    OF_RISK: (
        r"\b(?:abatements?|bond|damages|deductions?|discounts?|fine[ds]?|indemnity"
        r"|service credits?"
        r"|insur\w{1,8}(?! premiums?\b)"
        r"|(?:any|each|every|single) (?:\w{1,8} )?claims?|claims? (?:is|are)"
        r"|liability|(?-i:[EP]L|PI)|penalt\w{1,3}|(?<!in )arrears"
        r"|retentions? (?:is|of|sum)|outstanding debts?)\b"
        r"|\bcover(?: levels?)?"
        r"(?: (?:of|is|for|to|up to|a minimum of|required|requirement)){0,3} ?\Z"
    ),
    OF_A_UNIT: (
        r"\b(?:(?<!all )call-offs|project values"
        r"|(?:contracts|jobs|orders|projects|schemes) valued"
        r"|individual (?:call-?off|commission|contract|job|order|project|task)s?"
        r"|(?:day|daily) (?:charge|cost|fee|price|rate)|hourly|typical(?:ly)?"
        rf"|{_PRICE_OF_UNIT}"
        r"|(?<!this is )(?<!for )a job"
        r"|an? (?:bed|call-?out|child|client|day|head|hour|item|journey|meal|mile|person"
        r"|place|pupil|resident|session|tonne|trip|unit|visit)"
        r"|(?:per|an?) (?:week|month|year|annum) each)\b"
        r"|\b(?:commissions|jobs|orders|projects) (?:\w{1,14} ){0,2}"
        r"(?:rang(?:e|ing)|var(?:y|ying))\b"
        r"|\b(?<!our )(?<!the )(?<!these )(?:contracts|jobs|orders|projects|schemes|works)"
        r" (?:(?!is\b|are\b|was\b|were\b|will\b)\w{1,10} ){0,4}"
        r"(?:above|below|between|from|in excess of|over|under|up to)(?: \w{1,10}){0,4} ?\Z"
        r"|\b(?:majority|most) (?:are|being|is|of [a-z]{3,12}) (?:\w{1,10} ){0,3}\Z"
        rf"|\b(?:each|every) (?!(?:{_TIMES}|of)\b)[a-z]"
        rf"|\b\d{{1,3}} (?:[a-z]{{2,14}} )??(?!{_SPANS}\b)[a-z]{{3,14}}s"
        r" (?:(?:costing|priced|valued|worth) )?(?:at|costing|of|worth)"
        r"(?: about| around| up to)? ?\Z"
        r"|\beach of (?:(?:the|our|its|these) )?(?:\d{1,3} )?"
        rf"(?!(?:\w{{1,12}} ){{0,3}}{_SPANS}\b)[a-z]"
        rf"|\b(?<!as )per (?!(?:{_TIMES})\b)[a-z]"
        r"|\b(?:for every|per) ?\Z"
    ),
    OF_INCOME: (
        r"\b(?:cap|ceiling|limit|maximum) (?:for|on) (?:\w{1,14} ){0,2}expenses\b"
        r"|\A[^\w+]{0,3}(?:(?!and|before|excl|in|not|plus|with)\w{1,14} ){0,3}expenses"
        r"(?! (?:and|or)\b)[^£,;]{0,30}\Z"
        r"|\b(?:(?:buildings|developments?|homes|houses|land|properties) (?:valued|worth)"
        r"|(?:house|land|property) (?:prices?|values?)|assets(?! at\b)|income"
        r"|portfolio|(?:purchase|reserve|sale) price|rents?|service charges?|concession fees?"
        r"|salar\w{1,4}|sav(?:ed|es|ings?)"
        r"|sales of|social value|stock|turnover|wages?|bring(?:s|ing)? (?:in )?the council"
        r"|\d{1,3}(?:\.\d{1,2})? ?% on"
        r"|(?:authority|council|trust) (?:\w{1,12} ){0,3}(?:collects?|earns?|receives?))\b"
    ),
    OF_LIMIT: (
        r"\b(?:(?:value|price) bands?|threshold)\b|\bvalue ?: (?:below|less than|under|<) ?\Z"
        r"|(?:[>≥]|(?<!budget )(?<!cost )(?<!price )[<≤])=? ?\Z"
        r"|\b(?:low|lower|lowest|min|minimum)"
        r"(?: (?:contract |estimated )?(?:value|limit|end|spend))?(?: (?:is|of|at))?\)? ?:? ?\Z"
        r"|\b(?:(?<!budget )(?<!cost )(?<!price )(?:is|are|was|falls?|being|valued(?: at)?|worth)"
        r" (?:below|less than|under)"
        r"|(?:no|not) less than|(?:greater|less) than or equal to|at least|above|over|sub|exceeds"
        r"|over the (?:sum|value) of"
        r"|(?:contracts|projects|schemes|thresholds|works?) (?:below|less than|under)"
        r"|(?<!no )(?<!not )(?:more|greater) than"
        r"|(?<!not )(?<!no )(?<!not to )exceed(?:ing)?) ?\Z"
    ),
    OF_MORE: (
        r"\b(?:(?:contributions?|fund|grants?|grant funding|vouchers?) (?:between|of|up to|worth)"
        r"|(?:additional|extra) funding of|(?:government|treasury) announced"
        r"|\d{1,3}(?:\.\d{1,2})? ?% of(?! which)(?! (?:the|this) contract (?:price|sum|value) of)"
        r"|(?:externally|grant|lottery)[ -]funded (?:[\w-]{1,14} ){0,2}"
        r"(?:initiative|programme|project|scheme) \(total"
        r"|match(?:ed)?[ -]fund(?:ed|ing)|reserves(?! the\b)"
        r"|(?:budget|spend) of (?:the|our) (?:authority|council|department|directorate|school"
        r"|trust)|(?:authority|council|department|directorate|trust)['’]s "
        r"(?:(?!annual|estimated|indicative|maximum|total)\w{1,14} ){1,3}budget"
        r"(?! for (?:the|this)))\b"
        r"|\b(?:awards?|awarded|gives?|given|gave|granted|pay|paying|pays|provides) "
        r"(?:to )?(?:the |our )?"
        r"(?:(?:\w{1,14} )?(?:authority|council|parish|trust)|us)\b[^£,;]{0,20}\Z"
    ),
    OF_PART: r"\bdeposit\b",
}
"""What an amount is that is no value of the contract → the words around it."""
_KINDS = list(_OTHERS)
NOT_OF_CONTRACT = re.compile(
    "|".join(f"(?P<other{at}>{words})" for at, words in enumerate(_OTHERS.values())), re.IGNORECASE
)
"""Words for amounts that are no value of the contract: cover, prices of a unit, thresholds."""
_CHANGES_BY = re.compile(
    r"\b(?:increas|decreas|reduc|rais|ris|fall|uplift)\w{0,4} (?:[\w'’]{1,14} ){0,8}by "
    r"(?:an? )?(?:(?:about|additional|approximately|further|up to) ){0,2}\Z"
    r"|\b(?<!including this )(?<!including the )(?:amendment|modification|variation)(?: \d{1,3})?"
    r"(?: (?!(?:increase|to)\b)\w{1,10}){0,6} ?:? ?\Z"
    r"|\b(?:increase|decrease|reduction|uplift) (?:(?:in|of|to) (?:[\w'’]{1,14} ){0,6})?of ?\Z"
    r"|\b(?:varied by|adding) ?\Z",
    re.IGNORECASE,
)
_OR_MORE = re.compile(
    r"^ ?(?:or (?:above|greater|higher|more|over)|and (?:above|over|upwards))\b"
    r"|^\+(?! ?(?:[£\d]|(?!(?:an?|each|per|p\.?a)\b)[a-z]))",
    re.IGNORECASE,
)
_TIMES_BEFORE = re.compile(
    r"(?<![\d.,£])\d{1,3}(?: (?P<of>[a-z]{1,12}))? ?(?<![a-z])[x×*@] ?\Z", re.IGNORECASE
)
_OF_TIME = re.compile(r"(?:years?|yrs?|months?|mths?|quarters?|weeks?)", re.IGNORECASE)
_EACH_TIME = r"(?:an?|each|every|per|/) ?(?:annum|year|yr|month|mth|quarter|week)|p\.?[amw]"
_A_TIME = re.compile(rf"^ ?(?:{_EACH_TIME})\b", re.IGNORECASE)
"""Right after the price of each of several years: '2 years @ £35,000 per year'."""
_PAYS = re.compile(
    r"\b(?:concessionaires?|contractors?|hirers?|lessees?|licensees?|operators?|providers?"
    r"|suppliers?|tenants?) (?:\w{1,12} ){0,2}?(?<!be )(?<!is )(?<!are )(?:pay|pays|paying)\b"
    r"[^.;]{0,60}\Z",
    re.IGNORECASE,
)
_IS_WORTH = re.compile(
    r"\b(?:(?:is|are|was|were|estimated to be) (?:\w{3,12}ly )?(?:valued|worth)"
    r"|(?:has|have) an? (?:\w{1,14} ){0,3}value of)\b[^£.;]{0,20}\Z",
    re.IGNORECASE,
)
_BOUGHT = re.compile(
    r"\b(?:agreements?|bids?(?! (?:for|to)\b)|call-?offs?|commissions?|concessions?|contracts?|dps"
    r"|frameworks?|it|jobs?|lots?|opportunity|orders?|packages?|phase|procurements?|programmes?"
    r"|projects?|purchase|requirements?|schemes?|services?|supply|tenders?|that|this|which|works?"
    rf"|1|one|periods?|terms?|{OPTION})\b",
    re.IGNORECASE,
)
"""What is bought, in a text of what something is worth."""
_TO_COUNCIL = re.compile(
    rf"^(?: ?(?:{_EACH_TIME}|annually|monthly|quarterly|weekly|yearly)\b\.?)?"
    r" to (?:the |our )?(?:[\w’'-]{1,20} )?(?:authority|council|trust|landlord|parish)\b",
    re.IGNORECASE,
)
_WAS_BOUGHT = (
    r"(?:advertised|awarded|bid|bought|funded|incurred|let|paid|placed|procured|spent|tendered)"
)
_PAST = re.compile(
    r"\b(?:formerly|(?<!based on )historic\w{0,4}|incumbent|originally"
    r"|last (?:award|contract|price|quote|season|tender|time|year)"
    r"|the last \w{1,14}\b[^£.;]{0,40}\b(?:came|cost|was|were)"
    r"|(?:in|over|during) the (?:last|past) (?:(?:\d{1,2}|financial) )?(?:year|month)s?(?! of\b)"
    r"|outgoing|outturn(?! costs?\b)|(?<!based on )previous(?:ly)?|to date"
    r"|replac(?:es|ing) (?:one|(?:an?|our|the) (?:\w{1,14} ){0,2}"
    r"(?:agreement|arrangements?|contract|one|provider|service|supplier))"
    r"|(?<!at )current(?:ly)? (?:(?!anticipat|estimat|expect|forecast|plan)\w{1,14} ){0,2}"
    r"(?:agreement|arrangements?|contract|contractors?"
    r"|costs?|expenditure|operators?|providers?|spend|spends|spending|suppliers?)"
    r"|(?<!at )(?<!in )(?<!on )current(?:ly)? "
    r"(?:(?:annual|daily|monthly|quarterly|weekly|yearly) )?"
    r"(?:bills?|charges?|fees?|prices?|rents?|subscriptions?)"
    r"|(?:earlier|existing|expiring|former|old|present|prior) (?:agreement|arrangements?|contract"
    r"|contractors?|operators?|providers?|suppliers?|(?:\w{1,14} )?(?:costs?|expenditure|spend))"
    r"|re-?(?:procure\w{0,4}|tender\w{0,3}|let|letting|commission\w{0,3}) of an? "
    r"(?:\w{1,14} ){0,3}contract"
    rf"|(?:was|were) (?:(?:first|last) )?{_WAS_BOUGHT}"
    r"|(?:charges?|costs?|fees?|pay|paying|premiums?|price|spend|spending) (?:\w{1,10} )?currently"
    r"|(?:has|have|had) (?:averaged|been (?:paid|spent)|cost|received|secured|spent)|been spent"
    r"|(?:we|authority|council|trust) (?:have |has )?paid|received|secured"
    r"|spend\b[^£.]{0,30}\b(?:has been|was)"
    r"(?! (?:budgeted|calculated|estimated|forecast|projected|put|set|valued))"
    r"|in 20\d\d(?: ?[/-] ?\d\d)?,? (?:\w{1,14} ){1,4}(?:cost|paid|spent|was|were))\b"
    r"|\b(?:it|one|phase \d|pilot|that|they) cost(?: (?:about|around|nearly|over|us)){0,2} ?\Z"
    r"|\b(?!(?:annual|contract|estimated|expected|overall|project|service|the|total)\b)[a-z]{3,20}"
    r" costs are(?: about| around)? ?\Z"
    r"|\bcame (?:in at|to) ?\Z"
    r"|\b(?:changed|cut|decreased|down|increased|reduced|revised|up) from ?\Z"
    r"|\b(?<!ill )(?<!uld )(?<!may )(?<!might )(?<!to )(?<!the )cost (?:the|them|us)\b"
    r"|\b(?<!be )(?<!is )(?<!are )(?:paid|spends|spent|won)"
    r"(?: (?:about|approximately|around|circa|nearly|over|some))? ?\Z",
    re.IGNORECASE,
)
"""Words for amounts of earlier contracts and of what was spent or received."""
_PAST_AFTER = re.compile(
    rf"^ ?(?:(?:was|were|(?:had|has|have) been) {_WAS_BOUGHT}\b|last (?:season|time|year)\b)"
    r"|^ ?(?:that )?(?:the |our )?(?:authority|council|trust|we) (?:have |has )?"
    r"(?:got|received|secured|won)\b"
    r"|^[^£.;]{0,30}\b(?:in 19\d\d|when (?:first )?(?:built|bought|installed|new|opened))\b",
    re.IGNORECASE,
)
"""Right after such an amount."""
_OF_TODAY = re.compile(
    r"^[^£.,;()]{0,30}\b(?:at (?:present|the moment)|currently|now)"
    r"(?= ?(?:[,;.)]|$|and |but |for |on |to ))",
    re.IGNORECASE,
)
"""After an amount of what is paid today: '£600 a quarter now'."""
_PLANNED = re.compile(
    r"\b(?:available|budget|estimat\w{1,5}|expect\w{0,3}|there (?:are|is)|valued?)\b"
    r"|\b(?:authority|council|trust|we) (?:has|have) \Z",
    re.IGNORECASE,
)
PERHAPS_PAST = re.compile(r"\b(?:was|were|had|original)\b", re.IGNORECASE)
"""Words for an amount that may be of an earlier contract, or of the contract itself."""
NEW = re.compile(r"\b(?:increased|new|now|of which|reduced|revised|this)\b", re.IGNORECASE)
"""Words for an amount after one of the past that is not of the past itself."""
_BUDGET_FOR = re.compile(
    r"\bbudget for (?:(?!(?:an?|each|every|per)\b)[\w'’-]{1,20} ){0,3}?"
    rf"(?:{_PRICE_OF_UNIT}|(?:house|land|property) (?:prices?|values?))\b",
    re.IGNORECASE,
)
"""What a budget is for, which is not what the amount is: 'budget for home visit costs'."""
_BASIS = re.compile(
    r"\bbased (?:up)?on\b(?: [\w'’-]{1,20}){1,7}?(?=,? (?:it|the|this|we)\b|, )", re.IGNORECASE
)
"""What an estimate is made from: 'based on current spend the total value is'."""
_OF_FUND = re.compile(
    r"^ ?(?:(?!(?:can|could|may|must|shall|should|will|would)\b|to (?!an?\b|our\b|the\b))"
    r"[\w&-]{1,20} ){0,2}(?:fund(?! ?-?(?:management|managers?|raisers?|raising)\b)"
    r"|pot(?=(?: (?:and|for|from|has|in|is|of|that|to|which|will)\b| ?[,.;:()]|$))"
    r"|grant(?! (?:fund|giving|making|scheme))|initiative)\b"
    r"|^ ?(?:[\w&-]{1,20} )?to fund (?:[\w-]{1,20} ){0,2}(?:awards|charities|grants|groups"
    r"|initiatives|organisations|programmes|projects|research|schemes)\b"
    r"|^ ?(?:in |of )?(?:(?:external|government|grant|lottery|match(?:ed)?|partner)[ -]funding"
    r"|investment|match funds|package)\b",
    re.IGNORECASE,
)
"""Right after an amount of what pays for the contract: 'a £40,000 grant'."""
_OF_UNIT = re.compile(
    rf"^ ?an? (?!(?:{_TIMES}|additional|contract|extra|few|fixed|further|large|max|maximum|minimum"
    r"|one|possible|potential|set|single|small|total)\b)[a-z]{2,20}\b"
    rf"|^ ?/ ?(?!(?:{_TIMES}|p\.?[amw])\b)[a-z]",
    re.IGNORECASE,
)
"""Right after an amount, the unit that it is the price of: '£950 a cut'."""
_OF_PART = re.compile(
    r"^ ?(?:(?:across|during|for|in|over) )?(?:the )?(?:contract )?years [1-7]\b"
    r"|^[^£.;]{0,40}\b(?:and|then) the same (?:again|amount|for|in|next|sum)\b"
    r"|^ ?for (?P<part>phase|stage) \d\b[^£]{0,40}\b(?P=part) \d",
    re.IGNORECASE,
)
"""Right after an amount of a part of the contract: '£9,000 for years 1 and 2'."""
_INSTALMENTS = re.compile(
    r"\b(?:install?ments|(?:annual|[a-z]{4,8}ly) payments) of (?:(?:about|up to) )?\Z",
    re.IGNORECASE,
)
"""Right before the amount of each of several payments, whose number the text does not give."""
_RIGHT_AFTER = {
    OF_A_UNIT: _OF_UNIT,
    OF_LIMIT: _OR_MORE,
    OF_MORE: _OF_FUND,
    OF_PART: _OF_PART,
}
"""What an amount is that is no value of the contract → the words right after it."""


def other_kind(*texts: str) -> str:
    """What the words around an amount say that it is instead of the contract's value, or ''.

    >>> other_kind("Insurance cover of £5m")
    'of insurance, a bond, a debt or a deduction'
    """
    texts = tuple(_BUDGET_FOR.sub("budget", text) for text in texts)
    found = next(filter(None, map(NOT_OF_CONTRACT.search, texts)), None)
    return _KINDS[int((found.lastgroup or "other0")[5:])] if found else ""


def kind_beside(before: str, after: str) -> str:
    """What the words right beside an amount say that it is instead of the contract's value, or ''.

    >>> kind_beside("3 x ", ""), kind_beside("Contracts of ", " or more")
    ('the price of a unit', 'a limit')
    >>> kind_beside("The tenant pays ", " a year to the Council")
    'income, savings, pay or what things are worth'
    """
    found = next((kind for kind, after_it in _RIGHT_AFTER.items() if after_it.match(after)), "")
    if _INSTALMENTS.search(before) and not _A_TIME.match(after):
        found = found or OF_PART
    found = found or (OF_PAYMENT if is_each_or_all(before, after) else "")
    several = _TIMES_BEFORE.search(before)
    if several and not (_OF_TIME.fullmatch(several["of"] or "") and _A_TIME.match(after)):
        found = OF_A_UNIT
    elif (_PAYS.search(before) and _TO_COUNCIL.match(after)) or _is_of_asset(before, after):
        found = OF_INCOME
    return found or (OF_CHANGE if _changes_by(before, after) else "")


def _is_of_asset(before: str, after: str) -> bool:
    """Whether the text around an amount says what something is worth that is not bought."""
    is_worth = _IS_WORTH.search(before) and not _A_TIME.match(after)
    return bool(is_worth) and not _BOUGHT.search(before)


def _changes_by(before: str, after: str = "") -> bool:
    """Whether the text around an amount says that it is what a value changes by."""
    if after.startswith(" variation"):
        return True
    return bool(_CHANGES_BY.search(before)) and not AN_OPTION.search(before)


def is_past(before: str) -> bool:
    """Whether the text before an amount is of earlier contracts or of what was spent.

    What an estimate is based on does not count.

    >>> is_past("The current spend is "), is_past("Based on current spend, the value is ")
    (True, False)
    """
    return bool(_PAST.search(_BASIS.sub("", before)))


def is_past_after(before: str, after: str) -> bool:
    """Whether the text after an amount says that it was paid, or is today.

    >>> is_past_after("It costs ", " a year at present"), is_past_after("The budget is ", " now")
    (True, False)
    """
    is_today = _OF_TODAY.match(after) and not _PLANNED.search(before)
    return bool(is_today or _PAST_AFTER.match(after))
