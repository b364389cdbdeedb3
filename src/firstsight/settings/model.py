"""The settings as a model: keys, types, bounds and defaults. `docs/settings.md` is made from the fields here."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from firstsight.settings.checks import (
    IANA,
    age,
    base_url,
    file_or_url,
    host_and_port,
    host_name,
    network,
    not_yet,
    optional_address,
    own_name,
    socket_address,
    store_url,
    together,
    way_out,
)
from firstsight.settings.durations import Duration, TimeOfDay

_QUOTA_LEAST = 10
_STANDS_MOST = 30 * 86400


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


NotYet = AfterValidator(not_yet)
"""Keys that are part of the public interface and do nothing yet: their empty value is taken, any other is refused."""


class SourceSettings(_Section):
    """Where events come from. `from` counts only where no checkpoint exists."""

    type: Literal["wazuh"] = Field("wazuh", description="kind of source")
    path: Path = Field(description="file that is followed, through its rotations")
    start: Literal["start", "end"] = Field("end", alias="from", description="where a new source begins")
    name: Annotated[str, AfterValidator(own_name)] = Field(
        "", description="name of the source; empty = its path. Its checkpoint is kept by it"
    )


class WazuhSettings(_Section):
    """Into Wazuh."""

    queue: str = Field("", description="analysisd's queue socket; empty = off")
    format: Literal["firstsight", "dnsstat", "both"] = Field(
        "firstsight", description="shape of the events sent: ours, that of Domain Stats' script, or one of each"
    )
    rule_base: int = Field(117_000, ge=100_000, le=999_900, description="first id of the block of 100 Wazuh rules")


class AlertsSettings(_Section):
    """Alerts, and notices about the service itself. Spans are a number and s, m, h, d or w."""

    file: str = Field("", description="JSON-lines file that alerts and notices are appended to; empty = off")
    file_max_bytes: int = Field(
        268_435_456, ge=0, description="before the file grows beyond that, it becomes `.1`; 0 = never"
    )
    file_keep: int = Field(5, ge=1, le=1000, description="how many such older files are kept")
    window: Duration = Field(
        Duration("24h"), description="how long after an alert it is told that 10, 100, 1000 agents ask; empty = off"
    )
    nx_burst_names: int = Field(
        10, ge=3, le=200, description="an agent that asks for so many domains that don't exist is in a burst"
    )
    nx_burst_window: Duration = Field(
        Duration("1h"),
        description="within what span; a burst counts as told for `window`, and for this at least; empty = off",
    )
    newly_active_days: int = Field(30, ge=1, description="days of silence after which a domain is newly active")
    source_silent: Duration = Field(
        Duration("1h"),
        description="a source without events is told after this, and after half as long again as it usually rests; "
        "empty = off",
    )
    source_lagging: Duration = Field(
        Duration("15m"), description="a source is told that is read so far behind its events; empty = off"
    )
    agent_silent: Duration = Field(
        Duration("7d"), description="agents silent for so long are listed, once a day; empty = off"
    )
    digest: TimeOfDay = Field(TimeOfDay("08:00"), description="when a day's figures are told, in UTC; empty = off")


class LearningSettings(_Section):
    """The learning period."""

    days: float = Field(14, ge=0, description="how long a source learns, from its first event, in event time")


class RetentionSettings(_Section):
    """How long is kept who asked. That a domain was seen, when first and last and how often, is kept for ever."""

    who: Annotated[str, AfterValidator(age)] = Field(
        "400d", description="agents, programs, users and computers that asked, since they last did; empty = for ever"
    )
    alerts: Annotated[str, AfterValidator(age)] = Field(
        "400d", description="alerts, once delivered; they name who asked; empty = for ever"
    )
    hosts: Annotated[str, AfterValidator(age)] = Field(
        "400d", description="host names under a domain, since anybody last asked for it; empty = for ever"
    )


class PrivacySettings(_Section):
    """Privacy."""

    users: bool = Field(True, description="false = users' names are neither stored nor sent, also not in paths")


class NamesSettings(_Section):
    """Names."""

    internal: list[str] = Field(
        default_factory=list, description="suffixes of this site: never asked outside, not alerted"
    )


class RegistrationSettings(_Section):
    """Registration age."""

    new_days: int = Field(30, ge=1, description="a domain younger than this is newly registered")
    bootstrap: Annotated[str, AfterValidator(file_or_url)] = Field(
        IANA,
        description="RFC 9224 table that names each TLD's RDAP server: a URL, renewed once a week, or a file; "
        "empty = the shipped one alone",
    )
    deadline: float = Field(5.0, gt=0, le=60, description="seconds an alert waits for a registration at most")
    rate: float = Field(1.0, gt=0, description="questions a second to one RDAP server")
    burst: int = Field(5, ge=1, description="questions at once to one RDAP server")
    servers: dict[str, str] = Field(default_factory=dict, description="a TLD's own RDAP server, such as com = URL")


class RandomnessSettings(_Section):
    """Names that look machine-made. The model's score goes from 0 to 1."""

    threshold: float = Field(
        0.9, gt=0, le=1, description="score from which a name alerts; 0.9: one of a thousand clean ordinary names"
    )
    weak: float = Field(
        0.5, gt=0, le=1, description="score that lifts a first-seen or young domain; 0.5: one of a hundred listed names"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.weak > self.threshold:
            raise ValueError(f"has a weak threshold ({self.weak}) above the one that alerts ({self.threshold})")
        return self


class PopularSettings(_Section):
    """Popular domains."""

    url: Annotated[str, NotYet] = Field("", description="list to fetch; not yet: use `firstsight import popular`")
    top: int = Field(100_000, ge=0, description="how much of an imported list counts as popular")


class CompatSettings(_Section):
    """The compatibility API: Domain Stats' routes, and its words in events."""

    established_days: int = Field(730, ge=1, description="from this age on a domain is ESTABLISHED")
    freq: bool = Field(True, description="tell letter-pair scores; by the table of `firstsight import freq`, or ours")
    freq_avg: float = Field(5.0, description="average letter-pair score below which a name is suspect")
    freq_word: float = Field(4.0, description="word letter-pair score below which a name is suspect")
    timezone_offset: float = Field(
        0.0, ge=-24, le=24, description="hours added to `seen_by_you`, which says GMT all the same"
    )
    browse_limit: int = Field(100, ge=1, le=1000, description="records of one /cache_browse at most")
    wait: float = Field(1.0, ge=0, le=10, description="seconds an answer waits for a registration at most")
    lookups_are_events: bool = Field(
        False, description="count each look-up as a DNS event of the address that asks; where there is no other source"
    )
    listen: Annotated[str, AfterValidator(optional_address)] = Field(
        "", description="second address, plain HTTP, for these routes alone and `allow` alone; empty = none"
    )
    allow: list[Annotated[str, AfterValidator(network)]] = Field(
        default_factory=list, description="addresses and networks that `listen` answers, such as 10.0.0.5/32"
    )

    @model_validator(mode="after")
    def _named(self) -> "CompatSettings":
        if bool(self.listen) != bool(self.allow):
            raise ValueError("needs `listen` and `allow`, or neither: old clients send no token, so they are named")
        return self


class HttpSettings(_Section):
    """The way out."""

    offline: bool = Field(False, description="ask nobody outside; ages are then unavailable")
    proxy: Annotated[str, AfterValidator(way_out)] = Field(
        "", description="proxy for all that is asked outside, http://[user:password@]host:port; empty = HTTPS_PROXY's"
    )
    no_proxy: str = Field(
        "", description="hosts reached directly, and all below them, with commas between; empty = NO_PROXY's"
    )
    ca_file: str = Field("", description="PEM file of certificate authorities believed beside the system's")


class OtxSettings(_Section):
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


class AuthSettings(_Section):
    """Who may ask, where other machines can."""

    token_file: str = Field("", description="tokens of machines beside the store's, their hashes a line each")


class TlsSettings(_Section):
    """TLS; new files are taken up while it runs."""

    cert: str = Field("", description="PEM file of the certificate and its chain; empty = plain HTTP")
    key: str = Field("", description="PEM file of its private key, not encrypted")

    @model_validator(mode="after")
    def _both(self) -> "TlsSettings":
        if bool(self.cert) != bool(self.key):
            raise ValueError("needs `cert` and `key`, or neither")
        return self


class WebSettings(_Section):
    """The service's HTTP side."""

    trusted_proxies: list[Annotated[str, AfterValidator(network)]] = Field(
        default_factory=list, description="addresses and networks of proxies whose forwarding headers are believed"
    )
    public_url: Annotated[str, NotYet] = Field("", description="address of the pages, for links in alerts; not yet")
    hosts: list[Annotated[str, AfterValidator(host_name)]] = Field(
        default_factory=list, description="further host names that requests may name in Host, without port"
    )


class MemorySettings(_Section):
    """What is kept at hand, in entries."""

    domains: int = Field(200_000, ge=100, description="domains")
    pairs: int = Field(400_000, ge=100, description="(domain, agent) pairs")
    hosts: int = Field(200_000, ge=100, description="host names")


class Settings(_Section):
    """All settings. Each key may also be given as FIRSTSIGHT_KEY, nested ones with two underscores."""

    listen: Annotated[str, AfterValidator(socket_address)] = Field(
        "127.0.0.1:5730", description="address of the HTTP side"
    )
    data_dir: Path = Field(Path("/var/lib/firstsight"), description="where state is kept; made 0700 where absent")
    store: Annotated[str, AfterValidator(store_url)] = Field(
        "", description="sqlite:///FILE; empty = firstsight.db in data_dir"
    )
    log: Literal["console", "json"] = Field("console", description="how log lines on stderr look")
    sources: list[SourceSettings] = Field(default_factory=list, description="where events come from")
    wazuh: WazuhSettings = WazuhSettings()
    alerts: AlertsSettings = AlertsSettings()
    learning: LearningSettings = LearningSettings()
    retention: RetentionSettings = RetentionSettings()
    privacy: PrivacySettings = PrivacySettings()
    names: NamesSettings = NamesSettings()
    registration: RegistrationSettings = RegistrationSettings()
    randomness: RandomnessSettings = RandomnessSettings()
    popular: PopularSettings = PopularSettings()
    compat: CompatSettings = CompatSettings()
    http: HttpSettings = HttpSettings()
    otx: OtxSettings = OtxSettings()
    auth: AuthSettings = AuthSettings()
    tls: TlsSettings = TlsSettings()
    web: WebSettings = WebSettings()
    memory: MemorySettings = MemorySettings()

    @model_validator(mode="after")
    def _open_to_whom(self) -> "Settings":
        """Other machines reach the service over TLS or a trusted proxy only; who may ask is looked up then."""
        if not self.loopback and not self.tls.cert and not self.web.trusted_proxies:
            raise together(
                "listen",
                f"would open the service on {self.address[0]} to other machines. Add `[tls] cert` and `key` "
                f"(or `[web] trusted_proxies`), so that nobody overhears tokens and passwords. Or listen on "
                f"127.0.0.1:5730, for this machine alone",
            )
        return self

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`."""
        return host_and_port(self.listen)

    @property
    def old_clients_address(self) -> tuple[str, int] | None:
        """Host and port of `[compat] listen`, where it is set."""
        return host_and_port(self.compat.listen) if self.compat.listen else None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        host = self.address[0]
        return host == "localhost" or ip_address(host).is_loopback

    @property
    def store_path(self) -> Path:
        """The store's file. Some write an absolute path with four slashes, after SQLAlchemy: it is the same."""
        if not self.store:
            return self.data_dir / "firstsight.db"
        return Path("/", self.store.removeprefix("sqlite:").lstrip("/"))

    @property
    def popular_path(self) -> Path:
        """The imported popular list."""
        return self.data_dir / "popular.csv"

    @property
    def lesson_path(self) -> Path:
        """What this site has taught the randomness model."""
        return self.data_dir / "randomness-site.json"

    @property
    def rdap_table_path(self) -> Path:
        """The table of RDAP servers as it was last downloaded."""
        return self.data_dir / "rdap-servers.json"

    @property
    def freq_path(self) -> Path:
        """The imported frequency table."""
        return self.data_dir / "freqtable.freq"

    @property
    def imports_path(self) -> Path:
        """Where histories wait that are taken in."""
        return self.data_dir / "imports"
