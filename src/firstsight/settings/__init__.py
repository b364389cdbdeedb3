"""The settings: the only reader of TOML, environment and secrets."""

from firstsight.settings.loading import load
from firstsight.settings.model import (
    AlertsSettings,
    AuthSettings,
    CompatSettings,
    ExceptionsSettings,
    LearningSettings,
    MemorySettings,
    NamesSettings,
    Settings,
    SourceSettings,
    TlsSettings,
    WazuhSettings,
    WebSettings,
)
from firstsight.settings.outsiders import HttpSettings, OtxSettings, PopularSettings, RegistrationSettings
from firstsight.settings.sign_on import OidcSettings

__all__ = [
    "AlertsSettings",
    "AuthSettings",
    "CompatSettings",
    "ExceptionsSettings",
    "HttpSettings",
    "LearningSettings",
    "MemorySettings",
    "NamesSettings",
    "OidcSettings",
    "OtxSettings",
    "PopularSettings",
    "RegistrationSettings",
    "Settings",
    "SourceSettings",
    "TlsSettings",
    "WazuhSettings",
    "WebSettings",
    "load",
]
