"""The settings as a model: keys, types, bounds and defaults. `docs/settings.md` is made from the fields here."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004  # TCP's ports
        raise ValueError("is not `address:port`, such as 127.0.0.1:5730")
    host = host.removeprefix("[").removesuffix("]")
    if host != "localhost":
        try:
            loopback = ip_address(host).is_loopback
        except ValueError:
            raise ValueError(f"names no address: {host!r} (write an IP address)") from None
        if not loopback:
            raise ValueError(
                f"would open the service on {host}. Without TLS and a login or token it listens on loopback only, and "
                f"this version has neither yet: use 127.0.0.1:5730, and an SSH tunnel or a proxy on this machine"
            )
    return text


def _store_url(text: str) -> str:
    if text and not text.startswith("sqlite:///"):
        raise ValueError("must be sqlite:///FILE, such as sqlite:///var/lib/firstsight/firstsight.db")
    return text


def _not_yet(value: str | bool | list[str]) -> str | bool | list[str]:  # whatever the key holds
    if value:
        raise ValueError("is a setting of a later version; this one can do without it only: leave it out")
    return value


def _only_firstsight(text: str) -> str:
    if text != "firstsight":
        raise ValueError(f"can be `firstsight` only in this version, not {text!r}")
    return text


def _file(text: str) -> str:
    if "://" in text:
        raise ValueError("must be a file in this version: download the table, and name the file")
    return text


NotYet = AfterValidator(_not_yet)
"""Keys that are part of the public interface and do nothing yet: their empty value is taken, any other is refused."""


class SourceSettings(_Section):
    """Where events come from. `from` counts only where no checkpoint exists."""

    type: Literal["wazuh"] = Field("wazuh", description="kind of source")
    path: Path = Field(description="file that is followed, through its rotations")
    start: Literal["start", "end"] = Field("end", alias="from", description="where a new source begins")
    name: str = Field("", description="name of the source; empty = its path. Its checkpoint is kept by it")


class WazuhSettings(_Section):
    """Into Wazuh."""

    queue: str = Field("", description="analysisd's queue socket; empty = off")
    format: Annotated[str, AfterValidator(_only_firstsight)] = Field(
        "firstsight", description="shape of the events sent"
    )


class AlertsSettings(_Section):
    """Alerts."""

    file: str = Field("", description="JSON-lines file that every alert is appended to; empty = off")
    window: str = Field("24h", description="how long more agents are told of after an alert; not yet used")
    newly_active_days: int = Field(30, ge=1, description="days of silence after which a domain is newly active")


class LearningSettings(_Section):
    """The learning period."""

    days: float = Field(14, ge=0, description="how long a source learns, from its first event, in event time")


class NamesSettings(_Section):
    """Names."""

    internal: list[str] = Field(
        default_factory=list, description="suffixes of this site: never asked outside, not alerted"
    )


class RegistrationSettings(_Section):
    """Registration age."""

    new_days: int = Field(30, ge=1, description="a domain younger than this is newly registered")
    bootstrap: Annotated[str, AfterValidator(_file)] = Field(
        "", description="RFC 9224 file that names each TLD's RDAP server; empty = the shipped one"
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
    """The compatibility API."""

    established_days: int = Field(730, ge=1, description="from this age on a domain is ESTABLISHED")
    wait: float = Field(1.0, ge=0, le=10, description="seconds an answer waits for a registration at most")
    lookups_are_events: Annotated[bool, NotYet] = Field(False, description="count look-ups as events; not yet")
    freq_avg: float = Field(5.0, description="average letter-pair score below which a name is suspect")
    freq_word: float = Field(4.0, description="word letter-pair score below which a name is suspect")


class HttpSettings(_Section):
    """The way out."""

    offline: bool = Field(False, description="ask nobody outside; ages are then unavailable")
    proxy: Annotated[str, NotYet] = Field("", description="HTTP proxy; not yet")
    ca_file: Annotated[str, NotYet] = Field("", description="further certificate authorities; not yet")


class OtxSettings(_Section):
    """AlienVault OTX; not yet."""

    url: Annotated[str, NotYet] = Field("", description="OTX server; empty = off; not yet")
    key_file: Annotated[str, NotYet] = Field("", description="file that holds the API key; not yet")
    authors: list[str] = Field(["AlienVault"], description="authors whose pulses count; not yet used")


class AuthSettings(_Section):
    """Who may ask; not yet."""

    token_file: Annotated[str, NotYet] = Field("", description="tokens of machines; not yet")


class TlsSettings(_Section):
    """TLS; not yet."""

    cert: Annotated[str, NotYet] = Field("", description="certificate chain; not yet")
    key: Annotated[str, NotYet] = Field("", description="private key; not yet")


class WebSettings(_Section):
    """The service's HTTP side."""

    trusted_proxies: Annotated[list[str], NotYet] = Field(default_factory=list, description="proxies; not yet")
    public_url: Annotated[str, NotYet] = Field("", description="address of the pages, for links in alerts; not yet")
    hosts: list[str] = Field(default_factory=list, description="further host names that requests may name in Host")


class MemorySettings(_Section):
    """What is kept at hand, in entries."""

    domains: int = Field(200_000, ge=100, description="domains")
    pairs: int = Field(400_000, ge=100, description="(domain, agent) pairs")
    hosts: int = Field(200_000, ge=100, description="host names")


class Settings(_Section):
    """All settings. Each key may also be given as FIRSTSIGHT_KEY, nested ones with two underscores."""

    listen: Annotated[str, AfterValidator(_address)] = Field("127.0.0.1:5730", description="address of the HTTP side")
    data_dir: Path = Field(Path("/var/lib/firstsight"), description="where state is kept; made 0700 where absent")
    store: Annotated[str, AfterValidator(_store_url)] = Field(
        "", description="sqlite:///FILE; empty = firstsight.db in data_dir"
    )
    log: Literal["console", "json"] = Field("console", description="how log lines on stderr look")
    sources: list[SourceSettings] = Field(default_factory=list, description="where events come from")
    wazuh: WazuhSettings = WazuhSettings()
    alerts: AlertsSettings = AlertsSettings()
    learning: LearningSettings = LearningSettings()
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

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`."""
        host, _, port = self.listen.rpartition(":")
        return host.removeprefix("[").removesuffix("]"), int(port)

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
