"""The raters' page: one provider for one lot at a time, graded by a key or a click.

A small server for this machine alone.  It answers only to its own names, takes judgements only
from its own pages, and nothing on a page says which run listed the provider, or where.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from api.judging.judgements import Judgements
from matcher.core.errors import BadInput
from training.evaluation.pooling import (
    GRADES,
    Item,
    rater_order,
    remaining,
)

HOST = "127.0.0.1"
RATER = re.compile(r"[A-Za-z0-9_-]{1,30}")
UNKNOWN = "x"
"""What is sent, and pressed, for 'cannot judge'."""
_OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
_LONGEST = 10_000
"""Bytes of a form at most."""
_STYLE = """
:root{color-scheme:light}
body{margin:0 auto;max-width:60rem;padding:1rem;background:#fff;color:#1b1f24;
font:1.05rem/1.55 system-ui,"DejaVu Sans",sans-serif}
h1{font-size:1.4rem;margin:.25rem 0}
h2{font-size:1.15rem;margin:.25rem 0}
.two{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}
@media(max-width:44rem){.two{grid-template-columns:1fr}}
section{border-top:2px solid #1f5f99;padding-top:.5rem}
pre{white-space:pre-wrap;font:inherit;margin:.5rem 0}
button{display:block;width:100%;text-align:left;font:inherit;margin:.4rem 0;padding:.6rem .8rem;
background:#f3f6f9;color:#1b1f24;border:2px solid #5a6470;border-radius:.3rem;cursor:pointer}
button:focus,a:focus,input:focus{outline:3px solid #b1560f;outline-offset:2px}
button[aria-pressed=true]{border-color:#1f5f99;background:#dce9f5}
kbd{border:1px solid #5a6470;border-radius:.2rem;padding:0 .4rem;margin-right:.5rem;background:#fff}
.note{color:#3d454e;font-size:.95rem}
progress{width:100%}
input{font:inherit;padding:.4rem}
"""
_KEYS = """
document.addEventListener("keydown", function (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
  if (event.repeat) return;
  var found = document.querySelector('[data-key="' + CSS.escape(event.key.toLowerCase()) + '"]');
  if (found) { event.preventDefault(); found.click(); }
});
"""


class JudgingSession:
    """The pool, and what was said of it: what every page is made from."""

    def __init__(self, pool: Sequence[Item], judgements: Judgements, seed: int) -> None:
        self.judgements = judgements
        self.token = secrets.token_urlsafe(24)
        self._pool = list(pool)
        self._items = {item.key: item for item in pool}
        self._orders: dict[str, list[Item]] = {}
        self._seed = seed

    def order(self, rater: str) -> list[Item]:
        """The pool as this rater sees it."""
        if rater not in self._orders:
            self._orders[rater] = rater_order(self._pool, rater, self._seed)
        return self._orders[rater]

    def next(self, rater: str) -> int | None:
        """The place, in the rater's order, of the first item that they have not seen."""
        order = self.order(rater)
        waiting = remaining(order, self.judgements.said, rater)
        return order.index(waiting[0]) if waiting else None

    def said(self, rater: str, item: Item) -> int | str | None:
        """What a rater last said of an item: a grade, `UNKNOWN`, or None for nothing yet."""
        found = [j for j in self.judgements.said if j.rater == rater and j.key == item.key]
        if not found:
            return None
        return UNKNOWN if found[-1].grade is None else found[-1].grade

    def take(self, form: Mapping[str, str]) -> str:
        """Take a judgement from a form; gives its rater.  Raises BadInput for one that is none."""
        if not secrets.compare_digest(form.get("token", ""), self.token):
            raise BadInput("this page is from before the server was started; load it again")
        rater, key = form.get("rater", ""), (form.get("lot", ""), form.get("provider", ""))
        grades = {str(grade): grade for grade in GRADES}
        said = form.get("grade", "")
        if not RATER.fullmatch(rater):
            raise BadInput(f"rater {rater!r}: give 1 to 30 letters, digits, - or _")
        if key not in self._items:
            raise BadInput(f"provider {key[1]!r} for lot {key[0]!r} is not in the pool")
        if said not in grades and said != UNKNOWN:
            raise BadInput(f"grade {said!r}: give 0 to 3, or {UNKNOWN} for 'cannot judge'")
        self.judgements.add(self._items[key], rater, grades.get(said))
        return rater


def welcome() -> str:
    """The page that asks who judges."""
    return _page(
        "Judge providers for lots",
        "<h1>Who judges?</h1><p>You will see one lot and one provider at a time, and say how well "
        "the one suits the other. What you say is kept at once: close the page when you like, and "
        "go on later under the same name.</p>"
        '<form action="/judge" method="get"><label>A short name, no real one needed '
        '<input name="rater" required autofocus maxlength="30" pattern="[A-Za-z0-9_-]+"></label> '
        "<button>Begin, or go on</button></form>",
    )


def judge(desk: JudgingSession, rater: str, place: int | None = None) -> str:
    """The page of one item of a rater, or that nothing is left."""
    order = desk.order(rater)
    at = desk.next(rater) if place is None else place
    done = len(order) - len(remaining(order, desk.judgements.said, rater))
    if at is None or not 0 <= at < len(order):
        return _page(
            "All judged",
            f"<h1>That was all, {escape(rater)}</h1>"
            f"<p>{done} of {len(order)} judged. Thank you.</p>" + _back(rater, len(order)),
        )
    item = order[at]
    told = desk.said(rater, item)
    return _page(
        f"{item.name or item.provider} for {item.lot_title or item.lot}",
        f'<p class="note">{escape(rater)}: {done} of {len(order)} judged</p>'
        f'<progress max="{len(order)}" value="{done}" aria-label="judged so far"></progress>'
        f'<div class="two">{_lot(item)}{_provider(item)}</div>{_form(desk, rater, item, told)}'
        + _back(rater, at),
    )


def _lot(item: Item) -> str:
    return (
        f"<section><p class='note'>The lot</p><h1>{escape(item.lot_title or item.lot)}</h1>"
        f"<p class='note'>{escape(item.buyer)}</p><pre>{escape(item.lot_text)}</pre></section>"
    )


def _provider(item: Item) -> str:
    won = "".join(f"<li>{escape(one)}</li>" for one in item.contracts)
    says = f"<pre>{escape(item.says)}</pre>" if item.says else "<p>It says nothing of itself.</p>"
    contracts = f"<p>Earlier contracts:</p><ul>{won}</ul>" if won else ""
    return (
        f"<section><p class='note'>The provider</p><h2>{escape(item.name or item.provider)}</h2>"
        f"<p class='note'>{escape(item.about)}</p>{says}{contracts}</section>"
    )


def _form(desk: JudgingSession, rater: str, item: Item, told: int | str | None) -> str:
    choices = [(str(grade), words) for grade, words in GRADES.items()]
    choices.append((UNKNOWN, "Cannot judge: too little is known"))
    buttons = "".join(
        f'<button name="grade" value="{key}" data-key="{key}" '
        f'aria-pressed="{"true" if str(told) == key else "false"}"><kbd>{key}</kbd>'
        f"{escape(words)}</button>"
        for key, words in choices
    )
    hidden = {"token": desk.token, "rater": rater, "lot": item.lot, "provider": item.provider}
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in hidden.items()
    )
    return (
        '<form action="/judge" method="post"><h2>How well does the provider suit the lot?</h2>'
        f"{fields}{buttons}</form>"
    )


def _back(rater: str, at: int) -> str:
    if at < 1:
        return ""
    query = escape(urlencode({"rater": rater, "item": at - 1}))
    return f'<p><a href="/judge?{query}" data-key="b"><kbd>b</kbd>Back to the one before</a></p>'


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f'<body><main>{body}</main><script src="/keys.js"></script></body></html>\n'
    )


def server(desk: JudgingSession, port: int) -> ThreadingHTTPServer:
    """A server of this machine alone, on `port`; 0: any that is free.  Raises BadInput."""

    class Handler(_Handler):
        pass

    Handler.desk = desk
    try:
        return ThreadingHTTPServer((HOST, port), Handler)
    except (OSError, OverflowError) as wrong:
        why = getattr(wrong, "strerror", None) or wrong
        raise BadInput(f"--port {port}: cannot be used ({why}); name another") from wrong


class _Handler(BaseHTTPRequestHandler):
    desk: JudgingSession
    server_version = "judge"
    sys_version = ""

    def do_GET(self) -> None:
        """Show a page."""
        if not self._is_own():
            return
        address = urlsplit(self.path)
        asked = {key: values[-1] for key, values in parse_qs(address.query).items()}
        rater = asked.get("rater", "")
        if address.path == "/":
            self._send(welcome())
        elif address.path == "/keys.js":
            self._send(_KEYS, kind="text/javascript")
        elif address.path == "/judge" and RATER.fullmatch(rater):
            item = asked.get("item", "")
            self._send(judge(self.desk, rater, int(item) if item.isdecimal() else None))
        elif address.path == "/judge":
            self._move("/")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such page.")

    def do_POST(self) -> None:
        """Take a judgement."""
        if not self._is_own():
            return
        length = self.headers.get("Content-Length", "")
        if urlsplit(self.path).path != "/judge":
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such page.")
        elif not length.isdecimal() or int(length) > _LONGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The form is too long.")
        else:
            sent = self.rfile.read(int(length)).decode("utf-8", errors="replace")
            form = {key: values[-1] for key, values in parse_qs(sent).items()}
            try:
                rater = self.desk.take(form)
            except BadInput as wrong:
                self._refuse(HTTPStatus.BAD_REQUEST, str(wrong))
            else:
                self._move(f"/judge?{urlencode({'rater': rater})}")

    def _is_own(self) -> bool:
        """Whether the address asked for is this machine's own; else the request is refused."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        if host in _OWN_NAMES:
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "This page answers only on this machine.")
        return False

    def _send(
        self, content: str, status: HTTPStatus = HTTPStatus.OK, kind: str = "text/html"
    ) -> None:
        body = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        )
        self.end_headers()
        self.wfile.write(body)

    def _move(self, where: str) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        back = '<p><a href="/">To the beginning</a></p>'
        self._send(_page("Refused", f"<h1>Refused</h1><p>{escape(why)}</p>{back}"), status)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the terminal is the rater's."""
