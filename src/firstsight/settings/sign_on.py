"""Settings of log-in by an OpenID Connect provider."""

import re
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from firstsight.settings.section import Section

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 §3.3


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError("must be scopes, a word each, such as openid")
    return text


def unheard(url: str) -> bool:
    """Whether nobody on the way can listen: https, or a server on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _issuer(text: str) -> str:
    """An issuer (OpenID Connect Discovery 1.0), or empty. What is refused is not repeated: it may hold a password."""
    usable = re.fullmatch(r"https?://[^@/?#\s]+(/[^@?#\s]*)?", text)
    if text and not (usable and unheard(text)):
        raise ValueError(
            "must be an https URL without credentials or query (or http on this machine), such as "
            "https://login.example.com/realms/soc"
        )
    return text


class OidcSettings(Section):
    """Log-in by an OpenID Connect provider. docs/single-sign-on.md says how to set one up."""

    issuer: Annotated[str, AfterValidator(_issuer)] = Field(
        "", description="the provider, exactly as it names itself in its discovery document; empty = off"
    )
    name: str = Field("", max_length=60, description="what the log-in page calls it; empty = the issuer's host")
    client_id: str = Field("", description="what the provider calls firstsight")
    client_secret_file: str = Field(
        "", description="file that holds the client's secret, readable for this service alone; empty = PKCE alone"
    )
    scopes: list[Annotated[str, AfterValidator(_scope)]] = Field(
        ["openid", "profile", "email"], description="what is asked for; `openid` always is"
    )
    name_claim: str = Field("preferred_username", min_length=1, description="claim that a person is called by here")
    role_claim: str = Field(
        "roles", min_length=1, description="claim that gives roles, a text or a list; dots lead into objects"
    )
    roles: dict[str, Literal["viewer", "analyst", "admin"]] = Field(
        default_factory=dict, description="value of that claim to role: viewer, analyst, admin; the strongest counts"
    )
    local_login: bool = Field(True, description="false = passwords of `firstsight user add` are not listened to")

    @model_validator(mode="after")
    def _whole(self) -> "OidcSettings":
        if self.issuer and not (self.client_id and self.roles):
            raise ValueError(
                "needs `client_id`, and `roles` that say who may log in as what, such as "
                'roles = { "soc-analysts" = "analyst" }'
            )
        if not self.issuer and not self.local_login:
            raise ValueError("has `local_login = false` and no `issuer`: nobody could log in")
        return self
