"""The file that says who may sign in: the identity provider, and what its groups may do here.

issuer = "https://login.microsoftonline.com/TENANT/v2.0"
client_id = "…"
secret_file = "client.secret"     # next to this file; or $LBD_SIGN_IN_SECRET

[roles]                           # values of the claim → the role; "*" is everybody
ask = ["Lots.Ask"]
decide = ["Lots.Decide"]
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from api.errors import NotAdmitted
from api.http.people import Person
from api.http.roles import Role
from api.records.schema import LONGEST_AUTHORITY
from matcher.core.errors import BadInput
from matcher.core.parser_words import in_words

SECRET_VARIABLE = "LBD_SIGN_IN_SECRET"  # noqa: S105 - the name of a variable
EVERYBODY = "*"
_LONGEST_NAME = 200
_LONGEST_SUBJECT = 255
_MOST_HOURS = 24.0


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of signing in, as the file has them.

    `claim` names the part of the identity provider's token that lists a person's groups or roles;
    `roles` says which of its values have which role here, and `authorities` which belong to which
    authority (by default, all to `authority`).  With `domains`, the token's verified e-mail
    address must be in one of them.  A session lasts `hours`.
    """

    issuer: str
    client_id: str
    secret_file: str = ""
    claim: str = "roles"
    hours: float = 8.0
    scopes: str = "openid profile"
    domains: tuple[str, ...] = ()
    authority: str = ""
    roles: dict[Role, tuple[str, ...]]
    authorities: dict[str, tuple[str, ...]] = {}
    secret: str = ""

    @classmethod
    def open(cls, path: Path, env: Mapping[str, str]) -> SignIn:
        """The settings in a TOML file, with the client's secret.

        Raises BadInput naming what is missing or wrong.
        """
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            if "secret" in content:
                raise BadInput(
                    f"--sign-in {path}: has the secret itself; put it into a file that only the "
                    f"service can read and name that as secret_file, or set ${SECRET_VARIABLE}"
                )
            given = msgspec.convert(content, cls)
        except OSError as error:
            raise BadInput(f"--sign-in {path}: cannot be read ({error.strerror})") from error
        except (ValueError, msgspec.ValidationError) as error:
            raise BadInput(f"--sign-in {path}: cannot be used ({in_words(error)})") from error
        wrong = next(given._wrong(), "")
        if wrong:
            raise BadInput(f"--sign-in {path}: {wrong}")
        return msgspec.structs.replace(given, secret=_secret(path, given.secret_file, env))

    def _wrong(self) -> Iterator[str]:
        if not _is_safe(self.issuer):
            yield f"issuer {self.issuer!r}: give the provider's address, beginning with https://"
        if not self.client_id:
            yield "client_id: is missing; the identity provider shows it"
        if not self.roles or not any(self.roles.values()):
            yield "[roles]: is empty, so nobody could do anything; give at least one role"
        if not 0 < self.hours <= _MOST_HOURS:
            yield f"hours {self.hours:g}: give at most {_MOST_HOURS:g}, and more than 0"
        if "openid" not in self.scopes.split():
            yield f"scopes {self.scopes!r}: openid is missing"
        for each in (self.authority, *self.authorities):
            if len(each) > LONGEST_AUTHORITY:
                yield f"authority {each!r}: give at most {LONGEST_AUTHORITY} characters"
        if self.domains and "email" not in self.scopes.split():
            yield 'domains: need the e-mail address; give scopes = "openid profile email"'

    @property
    def session_secret(self) -> str:
        """The key that signs session cookies: the same in every worker, from the client's secret.

        With another secret of the client, every session has ended.
        """
        about = f"local-by-default session {self.issuer} {self.client_id}"
        return hmac.new(self.secret.encode(), about.encode(), hashlib.sha256).hexdigest()

    def person(self, claims: Mapping[str, Any], now: float) -> Person:
        """The person whom the identity provider's token names.

        Raises NotAdmitted in words where they may not use this service.
        """
        name, subject = _name(claims), str(claims.get("sub", ""))
        if not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise NotAdmitted("the identity provider gave no usable id ('sub') for you")
        self._check_domain(claims)
        has = _values(claims, self.claim)
        return Person(
            name=name,
            subject=subject,
            role=self._role(name, has),
            authority=self._authority(name, has),
            session=secrets.token_urlsafe(24),
            until=int(now + self.hours * 3600),
        )

    def _check_domain(self, claims: Mapping[str, Any]) -> None:
        if not self.domains:
            return
        domain = str(claims.get("email", "")).rpartition("@")[2].casefold()
        allowed = {each.casefold() for each in self.domains}
        if domain not in allowed or claims.get("email_verified") is not True:
            raise NotAdmitted(
                "only people with a verified e-mail address at "
                f"{' or '.join(sorted(allowed))} can use this service"
            )

    def _role(self, name: str, has: frozenset[str]) -> Role:
        """The highest role that any of a person's groups has."""
        for role in reversed(Role):
            if has & set(self.roles.get(role, ())):
                return role
        raise NotAdmitted(
            f"you are signed in as {name}, and have no role in this service: no value of "
            f"{self.claim!r} in your account is one that it knows. Ask the person who manages "
            "access to it"
        )

    def _authority(self, name: str, has: frozenset[str]) -> str:
        if not self.authorities:
            return self.authority
        found = [each for each, values in self.authorities.items() if has & set(values)]
        if len(found) != 1:
            which = "more than one authority" if found else "no authority that it knows"
            raise NotAdmitted(
                f"you are signed in as {name}, and your account belongs to {which}. Ask the person "
                "who manages access to this service"
            )
        return found[0]


def _secret(path: Path, file: str, env: Mapping[str, str]) -> str:
    secret = env.get(SECRET_VARIABLE, "")
    if file:
        try:
            secret = (path.parent / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"--sign-in {path}: secret_file {file}: cannot be read") from error
    if not secret.strip():
        raise BadInput(
            f"--sign-in {path}: the client's secret is missing; name a file with it as "
            f"secret_file, or set ${SECRET_VARIABLE}"
        )
    return secret.strip()


def _is_safe(address: str) -> bool:
    """Whether what is sent to an address is encrypted, or stays on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname))
    )


def _is_this_machine(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _name(claims: Mapping[str, Any]) -> str:
    """The person's name in one line."""
    parts = claims.get("name") or " ".join(
        str(claims.get(part) or "") for part in ("given_name", "family_name")
    )
    name = "".join(c for c in " ".join(str(parts).split()) if c.isprintable())
    if not name or len(name) > _LONGEST_NAME:
        raise NotAdmitted(
            "the identity provider did not say your name, which is kept with each decision. The "
            "administrator can release the claim 'name' (scope 'profile')"
        )
    return name


def _values(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """The values of a claim, and "*" for everybody; `path` can lead into a claim: `a.b`."""
    value: Any = claims.get(path)
    if value is None:
        value = claims
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return frozenset({EVERYBODY, *(each for each in listed if isinstance(each, str))})
