"""People sign in with a real identity provider, and only the right ones get in."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from lxml import html

from api.http.api_keys import Keys
from api.http.roles import Role
from api.records.entry import EntryKind
from api.records.records import Records
from tests.identity import Person, Wire, close_browsers, identity_provider
from tests.servers import in_thread
from tests.services import LOT, settings_for

PAT, SAM, KIT, LEE = "id-of-pat", "id-of-sam", "id-of-kit", "id-of-lee"
PEOPLE: tuple[dict[str, object], ...] = (
    {"sub": PAT, "name": "Pat Example", "roles": ["Lots.Decide"], "council": ["Wallbrook"]},
    {"sub": SAM, "name": "Sam Example", "roles": ["Other", "Lots.Decide"], "council": ["Aldridge"]},
    {"sub": KIT, "name": "Kit Example", "roles": ["Other"]},
    {"sub": LEE, "name": "Lee Example", "roles": "Lots.Ask", "email": "lee@wallbrook.example"},
)


@pytest.fixture(scope="module")
def provider() -> Iterator[Wire]:
    with identity_provider(*PEOPLE) as wire:
        yield wire


@pytest.fixture(autouse=True)
def as_the_provider_is(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test begins with a wire that changes nothing."""
    yield
    close_browsers()
    if "provider" in request.fixturenames:
        wire: Wire = request.getfixturevalue("provider")
        wire.change = None
        wire.token_requests.clear()


@contextmanager
def service(folder: Path, places: Path, wire: Wire, **fields: object) -> Iterator[str]:
    """The service over PEOPLE of tests.services, where these people sign in."""
    sign_in = wire.settings(folder, **fields)
    with in_thread(settings_for(folder, places, sign_in=sign_in, keys=keys(folder))) as url:
        yield url


def keys(folder: Path) -> Path:
    """A file with the key of a program; the key is next to it."""
    path = folder / "keys.jsonl"
    if not path.exists():
        key = Keys.open(path).add("lots-tool", date(2026, 5, 4), role=Role.DECIDE)
        (folder / "key").write_text(key)
    return path


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, provider: Wire
) -> Iterator[tuple[str, Path]]:
    """A service for the tests that only need people; its address and folder."""
    folder = tmp_path_factory.mktemp("sign-in")
    with service(folder, places_table, provider) as url:
        yield url, folder


@pytest.fixture
def url(shared: tuple[str, Path]) -> str:
    return shared[0]


def words(response: httpx.Response) -> str:
    """The text of the main part of a page."""
    main = html.fromstring(response.text).get_element_by_id("main-content")
    return " ".join(main.text_content().split())


def program(folder: Path, url: str) -> httpx.Client:
    """A program with a key."""
    key = (folder / "key").read_text()
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60)


def shortlist(folder: Path, url: str, title: str) -> str:
    """The id of a shortlist that a program asked for; everybody here is of one authority."""
    with program(folder, url) as client:
        body = {"lots": {"a": {**LOT, "title": title}}}
        answer = client.post("/v1/shortlists", json=body).json()
    id_: str = answer["shortlists"]["a"]["id"]
    return id_


DECISION = {
    "reason": "Nearest to those who need it.",
    "conflicts": "none",
    "role": "Commissioning officer",
    "provider": "GB-CHC-1000001",
}


# --- the way in ---


def test_a_page_needs_a_sign_in_and_leads_back_to_itself(url: str) -> None:
    pat = Person(url, PAT)
    asked = pat.open("/past?q=care")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/sign-in?" + urlencode({"to": "/past?q=care"})
    back = pat.sign_in("/past?q=care")
    assert (back.status_code, back.headers["location"]) == (303, "/past?q=care")
    page = pat.open("/past?q=care")
    assert page.status_code == 200
    assert "Signed in as Pat Example" in page.text


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\nb"]
)
def test_nobody_is_led_to_another_site(url: str, to: str) -> None:
    assert Person(url, PAT).sign_in(to).headers["location"] == "/"


def test_the_code_is_bound_to_a_proof_that_only_this_service_has(url: str, provider: Wire) -> None:
    pat, sam = Person(url, PAT), Person(url, SAM)
    challenges = []
    for person in (pat, sam):
        address = person.begin()
        query = parse_qs(urlsplit(address).query)
        assert query["code_challenge_method"] == ["S256"]
        assert query["response_type"] == ["code"]
        challenges += query["code_challenge"]
        person.browser.get(person.confirm(address))
    proofs = [
        base64.urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).decode()
        for sent in provider.token_requests
    ]
    assert [proof.rstrip("=") for proof in proofs] == challenges
    assert len(set(challenges)) == 2


def test_the_cookie_is_signed_and_out_of_reach_of_scripts_and_other_sites(url: str) -> None:
    pat = Person(url, PAT)
    cookie = pat.sign_in().headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    value = pat.browser.cookies["lbd-session"]
    data, rest = value.split(".", 1)
    forged = json.loads(base64.b64decode(data))
    forged["person"]["name"] = "Somebody Else"
    pat.browser.cookies.clear()
    changed = base64.b64encode(json.dumps(forged).encode()).decode()
    cookies = {"cookie": f"lbd-session={changed}.{rest}", "accept": "text/html"}
    assert httpx.get(f"{url}/past", headers=cookies).status_code == 303
    same = {"cookie": f"lbd-session={value}", "accept": "text/html"}
    assert httpx.get(f"{url}/past", headers=same).status_code == 200


def test_behind_tls_the_cookie_is_for_tls_and_this_host_only(
    tmp_path: Path, places_table: Path, provider: Wire
) -> None:
    settings = settings_for(
        tmp_path, places_table, sign_in=provider.settings(tmp_path), proxies="127.0.0.1"
    )
    with in_thread(settings) as url:
        over_tls = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"}
        begun = httpx.get(f"{url}/sign-in", headers=over_tls)
    cookie = begun.headers["set-cookie"]
    assert cookie.startswith("__Host-lbd-session=")
    assert "; secure" in cookie.lower()
    back = parse_qs(urlsplit(begun.headers["location"]).query)["redirect_uri"][0]
    assert back.startswith("https://")


# --- answers that must not be believed ---


def refused(person: Person, address: str, why: str) -> None:
    """The service refuses the answer at an address in words, and nobody is signed in."""
    answer = person.browser.get(address, headers={"accept": "text/html"})
    assert answer.status_code == 400
    assert why in words(answer)
    assert person.open("/past").status_code == 303


def test_another_state_is_refused(url: str) -> None:
    pat = Person(url, PAT)
    back = pat.confirm(pat.begin())
    parts = urlsplit(back)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    refused(
        pat, parts._replace(query=urlencode({**query, "state": "another"})).geturl(), "begin again"
    )
    refused(
        Person(url, PAT), back, "begin again"
    )  # in a browser that somebody else led to this address


def test_another_nonce_is_refused(url: str) -> None:
    pat = Person(url, PAT)
    parts = urlsplit(pat.begin())
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    other = parts._replace(query=urlencode({**query, "nonce": "another"})).geturl()
    refused(pat, pat.confirm(other), "it answers another sign-in")


def test_a_token_for_another_client_is_refused(url: str, provider: Wire) -> None:
    pat = Person(url, PAT)
    address = pat.begin()
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    other = provider.token_for("another-client", PAT, nonce)
    provider.change = lambda _: other
    refused(pat, pat.confirm(address), "it is meant for another service")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_the_signature_of_the_provider_is_refused(
    url: str, provider: Wire, algorithm: str
) -> None:
    def forged(answer: dict[str, Any]) -> dict[str, Any]:
        header, payload, signature = answer["id_token"].split(".")
        content = json.loads(base64.urlsafe_b64decode(header + "=="))
        changed = json.dumps({**content, "alg": algorithm}).encode()
        header = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        return {
            **answer,
            "id_token": f"{header}.{payload}.{'' if algorithm == 'none' else signature}",
        }

    provider.change = forged
    pat = Person(url, PAT)
    refused(pat, pat.confirm(pat.begin()), "cannot be trusted")


def test_an_answer_without_a_token_of_who_it_is_is_refused(url: str, provider: Wire) -> None:
    provider.change = lambda answer: {k: v for k, v in answer.items() if k != "id_token"}
    pat = Person(url, PAT)
    refused(pat, pat.confirm(pat.begin()), "who you are")


def test_an_expired_token_is_refused(tmp_path: Path, places_table: Path) -> None:
    with (
        identity_provider(*PEOPLE, token_seconds=-3600) as old,
        service(tmp_path, places_table, old) as url,
    ):
        pat = Person(url, PAT)
        refused(pat, pat.confirm(pat.begin()), "it has expired")


def test_a_code_works_once(url: str) -> None:
    pat = Person(url, PAT)
    back = pat.confirm(pat.begin())
    thief = Person(url, PAT)
    for name, value in pat.browser.cookies.items():
        thief.browser.cookies.set(name, value, domain="127.0.0.1")
    assert pat.browser.get(back).status_code == 303
    refused(thief, back, "begin again")  # with the same cookies: the provider knows better
    assert pat.open("/past").status_code == 200
    refused(Person(url, PAT), back, "begin again")


def test_a_person_who_does_not_consent_is_told_so(url: str) -> None:
    pat = Person(url, PAT)
    back = pat.browser.post(pat.begin(), data={"action": "deny"}).headers["location"]
    refused(pat, back, "access_denied")


# --- the provider is down, or another ---


def test_a_provider_that_is_down_is_said_so_and_sessions_go_on(
    tmp_path: Path, places_table: Path
) -> None:
    with (
        identity_provider(*PEOPLE) as wire,
        service(tmp_path, places_table, wire) as url,
    ):
        pat, sam = Person(url, PAT), Person(url, SAM)
        pat.sign_in()
        back = sam.confirm(sam.begin())
        wire.process.kill()
        wire.process.wait()
        answer = sam.browser.get(back, headers={"accept": "text/html"})
        assert answer.status_code == 503
        assert "cannot be reached" in words(answer)
        assert pat.open("/past").status_code == 200
    with in_thread(
        settings_for(tmp_path, places_table, sign_in=tmp_path / "sign-in.toml")
    ) as again:
        begun = Person(again, SAM).open("/sign-in")
        assert begun.status_code == 503
        assert "cannot be reached" in words(begun)
        assert httpx.get(f"{again}/healthz").status_code == 200


def test_a_provider_with_another_name_is_not_believed(
    tmp_path: Path, places_table: Path, provider: Wire
) -> None:
    other = provider.issuer.replace("127.0.0.1", "localhost") + "/"
    sign_in = provider.settings(tmp_path, issuer=provider.issuer + "/")
    assert other != provider.issuer
    with in_thread(settings_for(tmp_path, places_table, sign_in=sign_in)) as url:
        begun = Person(url, PAT).open("/sign-in")
    assert begun.status_code == 503
    assert "must be the same" in words(begun)


# --- who may do what ---


def test_a_person_without_a_role_is_refused_in_words(url: str) -> None:
    kit = Person(url, KIT)
    answer = kit.sign_in()
    assert answer.status_code == 403
    assert "Kit Example, and have no role in this service" in words(answer)
    assert kit.open("/past").status_code == 303


def test_a_role_allows_what_it_says_and_no_more(shared: tuple[str, Path]) -> None:
    url, folder = shared
    id_ = shortlist(folder, url, "Care that Lee cannot decide on")
    lee = Person(url, LEE)
    lee.sign_in()
    assert lee.open(f"/lists/{id_}").status_code == 200
    answer = lee.send(f"/lists/{id_}/decision", **DECISION)
    assert answer.status_code == 403
    assert "Lee Example has the role 'ask', and this needs the role 'decide'" in words(answer)


def test_only_verified_addresses_of_the_domains_get_in(
    tmp_path: Path, places_table: Path, provider: Wire
) -> None:
    fields = {"domains": ["wallbrook.example"], "scopes": "openid profile email"}
    with service(tmp_path, places_table, provider, **fields) as url:
        for subject in (PAT, LEE):  # Pat has no address, and Lee's is not verified
            answer = Person(url, subject).sign_in()
            assert answer.status_code == 403
            assert "verified e-mail address at wallbrook.example" in words(answer)


def test_what_one_authority_asks_another_does_not_see(
    tmp_path: Path, places_table: Path, provider: Wire
) -> None:
    fields = {
        "claim": "council",
        "roles": {"decide": ["*"]},
        "authorities": {"Wallbrook Council": ["Wallbrook"], "Aldridge Council": ["Aldridge"]},
    }
    with service(tmp_path, places_table, provider, **fields) as url:
        pat, sam, kit = (Person(url, who) for who in (PAT, SAM, KIT))
        assert (pat.sign_in().status_code, sam.sign_in().status_code) == (303, 303)
        assert "no authority that it knows" in words(kit.sign_in())
        draft = pat.send("/need", text="Home care in Walsall, WS1 1TP").headers["location"]
        assert sam.open(draft).status_code == 404
        page = html.fromstring(pat.open(draft).text)
        form = next(form for form in page.forms if form.get("action") == "/lots")
        fields_ = {name: value for name, value in form.form_values() if name}
        listed = pat.send("/lots", **{**fields_, "do": "ask"})
        path = listed.headers["location"].partition("?")[0]
        assert pat.open(path).status_code == 200
        assert sam.open(path).status_code == 404


# --- what is kept ---


def kept(folder: Path) -> list[tuple[str, str, str]]:
    """Each decision: by whom, and the person and id in its entry."""
    records = Records.open(f"sqlite:///{folder}/records.sqlite")
    entries = records.newest(EntryKind.DECISION, 1000)
    assert records.verify().broken == ()
    records.close()
    return [(json.loads(e.body or b"{}")["by"], e.person, e.subject) for e in entries]


def test_two_people_who_decide_at_once_keep_their_own_names(shared: tuple[str, Path]) -> None:
    url, folder = shared
    id_ = shortlist(folder, url, "Care that two decide on")
    before = len(kept(folder))
    people = [Person(url, PAT), Person(url, SAM)]
    for person in people:
        person.sign_in()
        form = person.open(f"/lists/{id_}/decision?provider=GB-CHC-1000001")
        assert "because you are signed in" in words(form)
        assert not html.fromstring(form.text).xpath("//input[@name='by']")
    together = threading.Barrier(len(people))
    statuses: list[int] = []

    def decide(person: Person) -> None:
        together.wait()
        for n in range(10):  # both say the same, and send another name with it
            said = {**DECISION, "reason": f"Nearest, {n}.", "by": "Somebody Else"}
            statuses.append(person.send(f"/lists/{id_}/decision", **said).status_code)

    threads = [threading.Thread(target=decide, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 20
    found = kept(folder)
    assert len(found) == before + 20
    assert (
        sorted(found[:20])
        == [("Pat Example", "Pat Example", PAT)] * 10 + [("Sam Example", "Sam Example", SAM)] * 10
    )
    assert "signed in under this name" in people[0].open(f"/lists/{id_}/kept").text


def test_programs_go_on_with_their_keys_and_keys_open_no_page(shared: tuple[str, Path]) -> None:
    url, folder = shared
    id_ = shortlist(folder, url, "Care that a program decides on")
    body = {
        "by": "A name that a program sends",
        "reason": "Nearest.",
        "conflicts": "none",
        "choices": [{"provider": "GB-CHC-1000001", "outcome": "invited"}],
    }
    with program(folder, url) as client:
        saved = client.post(f"/v1/shortlists/{id_}/decision", json=body)
        assert saved.status_code == 200
        assert [each["signed_in"] for each in saved.json()["decisions"]] == [False]
        assert client.get("/past", headers={"accept": "text/html"}).status_code == 303
        assert client.get("/past").status_code == 401
    assert httpx.get(f"{url}/v1/register").status_code == 401


def test_a_session_reads_the_api_and_changes_nothing_there(shared: tuple[str, Path]) -> None:
    url, _ = shared
    pat = Person(url, PAT)
    pat.sign_in()
    assert pat.browser.get(f"{url}/v1/register").status_code == 200
    body = {"lots": {"a": LOT}}
    assert pat.browser.post(f"{url}/v1/shortlists", json=body).status_code == 401
    assert pat.browser.get(f"{url}/metrics").status_code == 403


def test_a_form_of_another_site_changes_nothing(url: str) -> None:
    pat = Person(url, PAT)
    pat.sign_in()
    pat.open("/")
    assert pat.browser.post(f"{url}/sign-out", data={}).status_code == 403
    foreign = {"origin": "https://evil.example"}
    data = {"lbd-form": pat.browser.cookies["lbd-form"]}
    assert pat.browser.post(f"{url}/sign-out", data=data, headers=foreign).status_code == 403
    assert pat.open("/past").status_code == 200


# --- the end of a session ---


def test_after_signing_out_a_copy_of_the_cookie_is_worth_nothing(url: str, provider: Wire) -> None:
    pat = Person(url, PAT)
    pat.sign_in()
    copy = {"cookie": f"lbd-session={pat.browser.cookies['lbd-session']}", "accept": "text/html"}
    assert httpx.get(f"{url}/past", headers=copy).status_code == 200
    assert pat.send("/sign-out").headers["location"] == "/signed-out"
    said = pat.open("/signed-out")
    assert "You are signed out" in words(said)
    assert f"{provider.issuer}/oauth2/end_session?" in said.text
    assert httpx.get(f"{url}/past", headers=copy).status_code == 303
    assert pat.open("/past").status_code == 303
    pat.sign_in()
    assert pat.open("/past").status_code == 200


def test_a_session_ends_when_its_time_is_up(
    tmp_path: Path, places_table: Path, provider: Wire
) -> None:
    with service(tmp_path, places_table, provider, hours=1e-9) as url:
        pat = Person(url, PAT)
        assert pat.sign_in().status_code == 303
        assert pat.open("/past").status_code == 303
        sent = pat.browser.post(f"{url}/need", data={}, headers={"accept": "text/html"})
        assert sent.status_code == 401
        assert "nothing was changed" in words(sent)


def test_who_takes_minutes_at_the_provider_is_signed_in_however_short_sessions_are(
    tmp_path: Path, places_table: Path, provider: Wire
) -> None:
    with service(tmp_path, places_table, provider, hours=0.01) as url:
        sent = httpx.get(f"{url}/sign-in", follow_redirects=False)
        cookie = SimpleCookie(sent.headers["set-cookie"])["lbd-session"]
        assert int(cookie["max-age"]) >= 10 * 60


def test_another_secret_of_the_client_ends_every_session(
    tmp_path: Path, places_table: Path, provider: Wire
) -> None:
    with service(tmp_path, places_table, provider) as url:
        pat = Person(url, PAT)
        pat.sign_in()
    (tmp_path / "client.secret").write_text("another secret of the client")
    with in_thread(
        settings_for(tmp_path, places_table, sign_in=tmp_path / "sign-in.toml")
    ) as again:
        pat.service = again
        assert pat.open("/past").status_code == 303


def test_without_it_nobody_signs_in_and_the_page_says_so(
    tmp_path: Path, places_table: Path
) -> None:
    with in_thread(settings_for(tmp_path, places_table)) as url:
        pat = Person(url, PAT)
        assert pat.open("/past").status_code == 200
        assert pat.open("/sign-in").status_code == 404
        answer = httpx.post(f"{url}/v1/shortlists", json={"lots": {"a": LOT}}, timeout=60)
        id_ = answer.json()["shortlists"]["a"]["id"]
        form = pat.open(f"/lists/{id_}/decision?provider=GB-CHC-1000001")
        assert "Nobody signs in to this service, so it cannot check the name" in words(form)
