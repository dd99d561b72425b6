"""The file that says who may sign in is read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.errors import NotAdmitted
from api.http.roles import Role
from api.signin.settings import SignIn
from matcher.core.errors import BadInput

GOOD = """
issuer = "https://id.council.example"
client_id = "abc"
claim = "resource.roles"
[roles]
read = ["*"]
decide = ["Deciders", "Leads"]
"""


def opened(folder: Path, text: str, env: dict[str, str] | None = None) -> SignIn:
    path = folder / "sign-in.toml"
    path.write_text(text)
    return SignIn.open(path, {"LBD_SIGN_IN_SECRET": "from the environment"} if env is None else env)


def test_the_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    assert opened(tmp_path, GOOD).secret == "from the environment"
    (tmp_path / "secret").write_text("from a file\n")
    assert opened(tmp_path, 'secret_file = "secret"\n' + GOOD).secret == "from a file"
    with pytest.raises(BadInput, match="the client's secret is missing"):
        opened(tmp_path, GOOD, {})


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("https://id", "http://id", "beginning with https://"),
        ("client_id", "client", "client"),
        ('client_id = "abc"', 'client_id = ""', "client_id: is missing"),
        ("decide =", "decides =", "decides"),
        ("claim =", "hours = 100\nclaim =", "at most 24"),
        ("claim =", 'scopes = "profile"\nclaim =', "openid is missing"),
        ("claim =", 'domains = ["a.example"]\nclaim =', "e-mail address"),
        ("claim =", 'secret = "x"\nclaim =', "only the service can read"),
        ("claim =", f'authority = "{"A" * 61}"\nclaim =', "at most 60 characters"),
        ("[roles]", f'[authorities]\n"{"A" * 61}" = ["x"]\n[roles]', "at most 60 characters"),
        ("claim =", "claim =", ""),
        ("[roles]", "roles", "cannot be used"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(
    tmp_path: Path, was: str, now: str, why: str
) -> None:
    assert was in GOOD
    if not why:
        opened(tmp_path, GOOD.replace(was, now))
        return
    with pytest.raises(BadInput, match=why):
        opened(tmp_path, GOOD.replace(was, now))


def test_the_highest_role_counts_and_a_claim_can_be_inside_another(tmp_path: Path) -> None:
    sign_in = opened(tmp_path, GOOD)
    claims = {"sub": "1", "given_name": "Pat", "family_name": "Example"}
    assert sign_in.person(claims, 0).role is Role.READ
    inside = {**claims, "resource": {"roles": ["Leads"]}}
    assert sign_in.person(inside, 0).role is Role.DECIDE
    named = {**claims, "resource.roles": "Deciders"}
    assert sign_in.person(named, 0).role is Role.DECIDE
    assert sign_in.person(claims, 0).name == "Pat Example"
    assert sign_in.person(claims, 0).session != sign_in.person(claims, 0).session


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "1"},
        {"name": "Pat"},
        {"sub": "x" * 300, "name": "Pat"},
        {"sub": "1", "name": "\x00"},
    ],
)
def test_a_person_without_a_name_or_an_id_is_not_admitted(
    tmp_path: Path, claims: dict[str, object]
) -> None:
    with pytest.raises(NotAdmitted):
        opened(tmp_path, GOOD).person(claims, 0)
