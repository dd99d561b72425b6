"""The council's identity provider, asked by Authlib: authorisation code with PKCE.

Authlib sends and checks `state`, `nonce` and the code's proof (S256), and checks the signature of
the token against the provider's keys.  Issuer, audience and the kind of signature are fixed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from api.errors import ProviderDown, SignInFailed
from api.signin.settings import SignIn

_DISCOVERY = "/.well-known/openid-configuration"
_SECONDS = 10.0
"""to wait for each answer of the provider"""
_SIGNATURES = frozenset(
    f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)
) | {"EdDSA"}
"""Signatures made with the provider's private key.

One made with the client's secret, or none, could be made by somebody else.
"""
_LEEWAY = 60
"""Seconds by which the clocks of provider and service can differ."""
_UNTRUSTED = {
    "exp": "it has expired",
    "iat": "it is from the future",
    "nbf": "it is from the future",
    "aud": "it is meant for another service",
    "azp": "it is meant for another service",
    "iss": "it is from another provider",
    "nonce": "it answers another sign-in",
}
"""Claim of a token that is wrong → what that means."""
_CODE = re.compile(r"[a-z_]{1,40}")


class Provider:
    """An identity provider, and this service as its client."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in
        self._client: Any = OAuth().register(
            "provider",
            client_id=sign_in.client_id,
            client_secret=sign_in.secret,
            server_metadata_url=sign_in.issuer.rstrip("/") + _DISCOVERY,
            client_kwargs={
                "scope": sign_in.scopes,
                "code_challenge_method": "S256",
                "timeout": _SECONDS,
            },
        )

    async def redirect(self, request: Request, back: str) -> Response:
        """Send the browser to the provider, which sends it back to the address `back`.

        Raises ProviderDown.
        """
        with _faults():
            await self._metadata()
            response: Response = await self._client.authorize_redirect(request, back)
        return response

    async def claims(self, request: Request) -> Mapping[str, Any]:
        """What the provider says about the person whom it sent back.

        Raises SignInFailed where the answer is not one to this browser's question or cannot be
        trusted, and ProviderDown.
        """
        with _faults():
            metadata = await self._metadata()
            options = {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._sign_in.client_id},
            }
            token = await self._client.authorize_access_token(
                request, claims_options=options, leeway=_LEEWAY
            )
        claims: Mapping[str, Any] | None = token.get("userinfo")
        if not claims:
            raise SignInFailed("the identity provider sent no token that says who you are")
        return claims

    async def sign_out_address(self) -> str:
        """Where a person signs out of the provider itself; '' where it has no such page."""
        try:
            with _faults():
                address = str((await self._metadata()).get("end_session_endpoint", ""))
        except ProviderDown:
            return ""
        return address if address.startswith(("https://", "http://")) else ""

    async def _metadata(self) -> dict[str, Any]:
        """What the provider says about itself, if it is the one that the settings name."""
        metadata: dict[str, Any] = await self._client.load_server_metadata()
        if metadata.get("issuer") != self._sign_in.issuer:
            found = metadata.get("issuer")
            self._client.server_metadata.clear()
            raise ProviderDown(
                f"the identity provider calls itself {found!r}, and the settings call it "
                f"{self._sign_in.issuer!r}; the two must be the same"
            )
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [
            each for each in offered if each in _SIGNATURES
        ] or ["RS256"]
        return metadata


@contextmanager
def _faults() -> Iterator[None]:
    """Turn what can go wrong into our own errors, without what the provider or a stranger wrote."""
    try:
        yield
    except OAuthError as error:
        code = str(error.error or "")
        shown = f" ({code})" if _CODE.fullmatch(code) else ""
        raise SignInFailed(f"the sign-in was not completed{shown}; begin again") from error
    except JoseError as error:
        why = _UNTRUSTED.get(str(getattr(error, "claim", "")), "its signature or form is wrong")
        raise SignInFailed(
            f"the identity provider's token cannot be trusted: {why}; begin again"
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, json.JSONDecodeError, RuntimeError) as error:
        raise ProviderDown(
            "the identity provider cannot be reached at the moment, so nobody can sign in; "
            "people who are signed in already can go on. Try again in a few minutes"
        ) from error
