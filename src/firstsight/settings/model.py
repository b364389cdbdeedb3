"""The settings as a model: keys, types, bounds and defaults. `docs/settings.md` is made from the fields here."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004  # TCP's ports
        raise ValueError("is not `address:port`, such as 127.0.0.1:5730")
    host = host.removeprefix("[").removesuffix("]")
    if host != "localhost":
        try:
            ip_address(host)
        except ValueError:
            raise ValueError(f"names no address: {host!r} (write an IP address)") from None
    return text


def _proxy(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(f"must name addresses or networks, such as 10.0.0.7 or 10.0.0.0/28: {error}") from None
    if network.prefixlen == 0:
        raise ValueError(f"would trust everybody: {text}. Name the proxies alone")
    return text


def _host_name(text: str) -> str:
    try:
        ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        if not _HOST.fullmatch(text):
            raise ValueError(
                f"must be names or addresses alone, without a scheme or port, such as sensor.example: not {text!r}"
            ) from None
    return text


def _together(key: str, sentence: str) -> PydanticCustomError:
    """A fault of several keys, said of one of them (dotted)."""
    return PydanticCustomError("together", "{sentence}", {"key": key, "sentence": sentence})


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


def _list_url(text: str) -> str:
    if text and not re.match(r"https?://[^/@\s]+(/\S*)?$", text):
        raise ValueError("must be an http or https URL without credentials; a file is taken by `import popular`")
    return text


def _own_name(text: str) -> str:
    if text.startswith(("node:", "api:")):
        raise ValueError(f"may not begin as {text!r} does: what nodes and programs hand over is kept by such names")
    return text


NotYet = AfterValidator(_not_yet)
"""Keys that are part of the public interface and do nothing yet: their empty value is taken, any other is refused."""


class SourceSettings(_Section):
    """Where events come from. `from` counts only where no checkpoint exists."""

    type: Literal["wazuh"] = Field("wazuh", description="kind of source")
    path: Path = Field(description="file that is followed, through its rotations")
    start: Literal["start", "end"] = Field("end", alias="from", description="where a new source begins")
    name: Annotated[str, AfterValidator(_own_name)] = Field(
        "", description="name of the source; empty = its path. Its checkpoint is kept by it"
    )


class WazuhSettings(_Section):
    """Into Wazuh."""

    queue: str = Field("", description="analysisd's queue socket; empty = off")
    format: Annotated[str, AfterValidator(_only_firstsight)] = Field(
        "firstsight", description="shape of the events sent"
    )
    rule_base: int = Field(117_000, ge=100_000, le=999_900, description="first id of the block of 100 Wazuh rules")


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


class PopularSettings(_Section):
    """Popular domains."""

    url: Annotated[str, AfterValidator(_list_url)] = Field(
        "https://tranco-list.eu/top-1m.csv.zip",
        description="list to fetch, and to renew weekly; empty = no fetch. Plain, .gz or .zip",
    )
    top: int = Field(100_000, ge=0, description="how much of a fetched or imported list counts as popular; 0 = nothing")


class ExceptionsSettings(_Section):
    """What raises no alert here, on purpose."""

    file: str = Field(
        "",
        description="TOML file of `[[exception]]` tables, taken up as it changes; empty = none but those of the verb",
    )


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
    """Who may ask, where other machines can."""

    token_file: str = Field("", description="tokens of machines, their hashes a line each; empty = none")


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

    trusted_proxies: list[Annotated[str, AfterValidator(_proxy)]] = Field(
        default_factory=list, description="addresses and networks of proxies whose forwarding headers are believed"
    )
    public_url: Annotated[str, NotYet] = Field("", description="address of the pages, for links in alerts; not yet")
    hosts: list[Annotated[str, AfterValidator(_host_name)]] = Field(
        default_factory=list, description="further host names that requests may name in Host, without port"
    )


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
    popular: PopularSettings = PopularSettings()
    exceptions: ExceptionsSettings = ExceptionsSettings()
    compat: CompatSettings = CompatSettings()
    http: HttpSettings = HttpSettings()
    otx: OtxSettings = OtxSettings()
    auth: AuthSettings = AuthSettings()
    tls: TlsSettings = TlsSettings()
    web: WebSettings = WebSettings()
    memory: MemorySettings = MemorySettings()

    @model_validator(mode="after")
    def _open_to_whom(self) -> "Settings":
        """Other machines reach the service over TLS or a trusted proxy only, and with tokens."""
        if self.web.trusted_proxies and not self.auth.token_file:
            raise _together(
                "web.trusted_proxies",
                "would let other machines ask through a proxy. Add `[auth] token_file`, which says who may",
            )
        if not self.loopback:
            missing = []
            if not self.auth.token_file:
                missing.append("`[auth] token_file`, which says who may ask")
            if not self.tls.cert and not self.web.trusted_proxies:
                missing.append("`[tls] cert` and `key` (or `[web] trusted_proxies`), so that nobody overhears tokens")
            if missing:
                raise _together(
                    "listen",
                    f"would open the service on {self.address[0]} to other machines. Add {'; and '.join(missing)}. Or "
                    f"listen on 127.0.0.1:5730, for this machine alone",
                )
        return self

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`."""
        host, _, port = self.listen.rpartition(":")
        return host.removeprefix("[").removesuffix("]"), int(port)

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
    def fetched_popular_path(self) -> Path:
        """The popular list of `popular.url`."""
        return self.data_dir / "popular-fetched.csv"
