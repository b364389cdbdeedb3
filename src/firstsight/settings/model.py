"""The settings as a model: keys, types, bounds and defaults. `docs/settings.md` is made from the fields here."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from firstsight.core.usernames import Users
from firstsight.settings.checks import (
    host_and_port,
    host_name,
    network,
    optional_address,
    own_name,
    page_address,
    socket_address,
    store_url,
    together,
    users_kept,
)
from firstsight.settings.durations import Duration, TimeOfDay
from firstsight.settings.outsiders import (
    HttpSettings,
    IscSettings,
    OtxSettings,
    PopularSettings,
    RegistrationSettings,
    WhoisSettings,
)
from firstsight.settings.section import Age, Section
from firstsight.settings.sign_on import OidcSettings, unheard


class SourceSettings(Section):
    """Where events come from. `from` counts only where no checkpoint exists."""

    type: Literal["wazuh"] = Field("wazuh", description="kind of source")
    path: Path = Field(description="file that is followed, through its rotations")
    start: Literal["start", "end"] = Field("end", alias="from", description="where a new source begins")
    name: Annotated[str, AfterValidator(own_name)] = Field(
        "", description="name of the source; empty = its path. Its checkpoint is kept by it"
    )


class WazuhSettings(Section):
    """Into Wazuh."""

    queue: str = Field("", description="analysisd's queue socket; empty = off")
    format: Literal["firstsight", "dnsstat", "both"] = Field(
        "firstsight", description="shape of the events sent: ours, that of Domain Stats' script, or one of each"
    )
    rule_base: int = Field(117_000, ge=100_000, le=999_900, description="first id of the block of 100 Wazuh rules")


class AlertsSettings(Section):
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


class LearningSettings(Section):
    """The learning period."""

    days: float = Field(14, ge=0, description="how long a source learns, from its first event, in event time")


class RetentionSettings(Section):
    """How long is kept who asked. That a domain was seen, when first and last and how often, is kept for ever."""

    who: Age = Field(
        "400d", description="agents, programs, users and computers that asked, since they last did; empty = for ever"
    )
    alerts: Age = Field("400d", description="alerts, once delivered; they name who asked; empty = for ever")
    hosts: Age = Field("400d", description="host names of a domain, since anybody last asked for it; empty = for ever")
    charts: Age = Field("90d", description="hourly figures and first sights of the dashboard; empty = for ever")


class PrivacySettings(Section):
    """People's names, as users of programs and in programs' paths. What is stored already is changed by a verb only."""

    users: Annotated[Users, BeforeValidator(users_kept)] = Field(
        Users.KEEP, description="what is stored and sent of them: all, a pseudonym in the place of each, or nothing"
    )
    key_file: str = Field("", description="key of pseudonyms; empty = pseudonym.key in data_dir, made where absent")
    viewers_see_users: bool = Field(
        True, description="false = people and tokens that may only read see no names, on no page and in no answer"
    )


class NamesSettings(Section):
    """Names."""

    internal: list[str] = Field(
        default_factory=list, description="suffixes of this site: never asked outside, not alerted"
    )


class RandomnessSettings(Section):
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


class ExceptionsSettings(Section):
    """What raises no alert here, on purpose."""

    file: str = Field(
        "",
        description="TOML file of `[[exception]]` tables, taken up as it changes; empty = none but those of the verb",
    )


class CompatSettings(Section):
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


class AuthSettings(Section):
    """Who may ask, where other machines can."""

    token_file: str = Field("", description="tokens of machines beside the store's, their hashes a line each")


class TlsSettings(Section):
    """TLS; new files are taken up while it runs."""

    cert: str = Field("", description="PEM file of the certificate and its chain; empty = plain HTTP")
    key: str = Field("", description="PEM file of its private key, not encrypted")

    @model_validator(mode="after")
    def _both(self) -> "TlsSettings":
        if bool(self.cert) != bool(self.key):
            raise ValueError("needs `cert` and `key`, or neither")
        return self


class WebSettings(Section):
    """The service's HTTP side."""

    trusted_proxies: list[Annotated[str, AfterValidator(network)]] = Field(
        default_factory=list, description="addresses and networks of proxies whose forwarding headers are believed"
    )
    public_url: Annotated[str, AfterValidator(page_address)] = Field(
        "", description="how people reach the service, such as https://firstsight.example; alerts then hold a `url`"
    )
    hosts: list[Annotated[str, AfterValidator(host_name)]] = Field(
        default_factory=list, description="further host names that requests may name in Host, without port"
    )


class MemorySettings(Section):
    """What is kept at hand, in entries."""

    domains: int = Field(200_000, ge=100, description="domains")
    pairs: int = Field(400_000, ge=100, description="(domain, agent) pairs")
    hosts: int = Field(200_000, ge=100, description="host names")


class Settings(Section):
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
    whois: WhoisSettings = WhoisSettings()
    isc: IscSettings = IscSettings()
    randomness: RandomnessSettings = RandomnessSettings()
    popular: PopularSettings = PopularSettings()
    exceptions: ExceptionsSettings = ExceptionsSettings()
    compat: CompatSettings = CompatSettings()
    http: HttpSettings = HttpSettings()
    otx: OtxSettings = OtxSettings()
    auth: AuthSettings = AuthSettings()
    oidc: OidcSettings = OidcSettings()
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

    @model_validator(mode="after")
    def _answered_where(self) -> "Settings":
        """A provider sends browsers back to `[web] public_url`: there must be one, and it must be answered."""
        if not self.oidc.issuer:
            return self
        url = self.web.public_url
        if not url or not unheard(url) or urlsplit(url).path:
            raise together(
                "oidc.issuer",
                "needs `[web] public_url`, how people reach this service: https (or http on this machine), and no path "
                "behind the name. The provider sends them back there",
            )
        host = urlsplit(url).hostname or ""
        if not _addressed(host) and host not in {known.lower().rstrip(".") for known in self.web.hosts}:
            raise together("oidc.issuer", f"needs {host}, of `[web] public_url`, in `[web] hosts`")
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
    def pseudonym_key_path(self) -> Path:
        """The key by which people's names become pseudonyms."""
        return Path(self.privacy.key_file) if self.privacy.key_file else self.data_dir / "pseudonym.key"

    @property
    def popular_path(self) -> Path:
        """The imported popular list."""
        return self.data_dir / "popular.csv"

    def days_path(self, source: str) -> Path:
        """The imported list that says something of domains' ages, of a source (core/evidence.py)."""
        return self.data_dir / f"days-{source.lower()}.bin"

    @property
    def fetched_popular_path(self) -> Path:
        """The popular list of `popular.url`."""
        return self.data_dir / "popular-fetched.csv"

    @property
    def popular_files(self) -> dict[str, Path]:
        """Where lists of popular domains may lie, by the name that evidence gives them, the most telling first."""
        if not self.popular.url:
            return {"imported": self.popular_path}
        return {"imported": self.popular_path, urlsplit(self.popular.url).hostname or "": self.fetched_popular_path}

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


def _addressed(host: str) -> bool:
    """Whether a host is this machine, or an address: what is asked by these needs no mention in `[web] hosts`."""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return True
