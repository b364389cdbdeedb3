"""Settings of who is asked outside, and how."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from firstsight.settings.checks import IANA, base_url, file_or_url, list_url, way_out
from firstsight.settings.durations import Duration
from firstsight.settings.section import Section

_QUOTA_LEAST = 10
_STANDS_MOST = 30 * 86400


class RegistrationSettings(Section):
    """Registration age."""

    new_days: int = Field(30, ge=1, description="a domain younger than this is newly registered")
    very_new_days: int = Field(7, ge=0, description="younger than this, that alone is of high severity")
    bootstrap: Annotated[str, AfterValidator(file_or_url)] = Field(
        IANA,
        description="RFC 9224 table that names each TLD's RDAP server: a URL, renewed once a week, or a file; "
        "empty = the shipped one alone",
    )
    deadline: float = Field(5.0, gt=0, le=60, description="seconds an alert waits for a registration at most")
    rate: float = Field(1.0, gt=0, description="questions a second to one RDAP server")
    burst: int = Field(5, ge=1, description="questions at once to one RDAP server")
    servers: dict[str, str] = Field(default_factory=dict, description="a TLD's own RDAP server, such as com = URL")


class WhoisSettings(Section):
    """Registration age by WHOIS (port 43), where a registry has no RDAP server or tells no date there."""

    enabled: bool = Field(False, description="ask WHOIS servers too")
    servers: dict[str, str] = Field(
        default_factory=dict, description="a TLD's own WHOIS server, such as it = whois.nic.it:43"
    )


class IscSettings(Section):
    """When SANS ISC first met a domain, where no registry tells its age. ISC then learns these names."""

    enabled: bool = Field(False, description="ask SANS ISC too")
    url: str = Field("https://isc.sans.edu/api/domainage/", description="what stands before the domain")


class PopularSettings(Section):
    """Popular domains."""

    url: Annotated[str, AfterValidator(list_url)] = Field(
        "https://tranco-list.eu/top-1m.csv.zip",
        description="list to fetch, and to renew weekly; empty = no fetch. Plain, .gz or .zip",
    )
    top: int = Field(100_000, ge=0, description="how much of a fetched or imported list counts as popular; 0 = nothing")


class HttpSettings(Section):
    """The way out."""

    offline: bool = Field(False, description="ask nobody outside; ages are then unavailable")
    proxy: Annotated[str, AfterValidator(way_out)] = Field(
        "", description="proxy for all that is asked outside, http://[user:password@]host:port; empty = HTTPS_PROXY's"
    )
    no_proxy: str = Field(
        "", description="hosts reached directly, and all below them, with commas between; empty = NO_PROXY's"
    )
    ca_file: str = Field("", description="PEM file of certificate authorities believed beside the system's")


class OtxSettings(Section):
    """AlienVault OTX: threat intelligence. docs/threat-intelligence.md says what is asked, and what leaves the site."""

    url: Annotated[str, AfterValidator(base_url)] = Field(
        "", description="OTX server, such as https://otx.alienvault.com; empty = off"
    )
    key_file: str = Field("", description="file that holds the API key, readable for this service alone; empty = none")
    authors: list[str] = Field(["AlienVault"], description="authors whose pulses count")
    all_authors: bool = Field(False, description="everybody's pulses count, those of other authors less")
    ask: Literal["reasons", "all"] = Field(
        "reasons", description="asked about: first sights with any other reason, or all of them"
    )
    quota: int = Field(0, ge=0, description="questions an hour at most; 0 = 10,000 with a key, 1,000 without")
    known: Duration = Field(Duration("1d"), description="how long an answer stands")
    absent: Duration = Field(Duration("1d"), description="how long it stands that nothing is known")
    timeout: float = Field(10.0, gt=0, le=60, description="seconds that OTX may take for an answer")

    @model_validator(mode="after")
    def _usable(self) -> "OtxSettings":
        if 0 < self.quota < _QUOTA_LEAST:
            raise ValueError(
                f"needs a `quota` of at least {_QUOTA_LEAST}, or 0 for OTX' own; an empty `url` turns it off"
            )
        if not self.known or not self.absent:
            raise ValueError("needs `known` and `absent`: without them each event would be asked about again")
        if max(self.known.seconds, self.absent.seconds) > _STANDS_MOST:
            raise ValueError("has answers that stand for more than 30d: `known` and `absent` are at most that")
        return self
