"""People sign in with the council's identity provider (OpenID Connect), where that is set up."""
