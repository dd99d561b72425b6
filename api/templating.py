"""Templates and security headers, the same for the officer's and the raters' pages."""

from __future__ import annotations

from jinja2 import BaseLoader, Environment

SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""A page runs and shows only what this service serves, and no other page can frame it."""


def environment(loader: BaseLoader) -> Environment:
    """Templates that escape everything they show."""
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
