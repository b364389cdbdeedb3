"""The settings: the only reader of TOML, environment and secrets. `docs/settings.md` is made from the fields here."""

import os
import tomllib
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from firstsight.core.errors import SettingsError

_NOT_SETTINGS = frozenset({"FIRSTSIGHT_CORPUS", "FIRSTSIGHT_REQUIRE_ALL", "FIRSTSIGHT_CONFIG"})  # tests and the CLI


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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


def _not_yet(value: str | bool | list[str]) -> str | bool | list[str]:  # whatever the key holds
    if value:
        raise ValueError("is a setting of a later version; this one can do without it only: leave it out")
    return value


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
    format: Literal["firstsight"] = Field("firstsight", description="shape of the events sent")


class AlertsSettings(_Section):
    """Alerts."""

    file: str = Field("", description="JSON-lines file that every alert is appended to; empty = off")
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
    bootstrap: str = Field("", description="RFC 9224 file that names each TLD's RDAP server; empty = the shipped one")
    deadline: float = Field(5.0, gt=0, le=60, description="seconds an alert waits for a registration at most")
    rate: float = Field(1.0, gt=0, description="questions a second to one RDAP server")
    burst: int = Field(5, ge=1, description="questions at once to one RDAP server")
    servers: dict[str, str] = Field(default_factory=dict, description="a TLD's own RDAP server, such as com = URL")


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


class Settings(BaseSettings):
    """All settings. Each key may also be given as FIRSTSIGHT_KEY, nested ones with two underscores."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="FIRSTSIGHT_", env_nested_delimiter="__", populate_by_name=True
    )

    listen: Annotated[str, AfterValidator(_address)] = Field("127.0.0.1:5730", description="address of the HTTP side")
    data_dir: Path = Field(Path("/var/lib/firstsight"), description="where state is kept; made 0700 where absent")
    store: str = Field("", description="sqlite:///FILE; empty = firstsight.db in data_dir")
    log: Literal["console", "json"] = Field("console", description="how log lines on stderr look")
    sources: list[SourceSettings] = Field(default_factory=list, description="where events come from")
    wazuh: WazuhSettings = WazuhSettings()
    alerts: AlertsSettings = AlertsSettings()
    learning: LearningSettings = LearningSettings()
    names: NamesSettings = NamesSettings()
    registration: RegistrationSettings = RegistrationSettings()
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
        """The store's file."""
        return Path(self.store.removeprefix("sqlite://")) if self.store else self.data_dir / "firstsight.db"

    @property
    def popular_path(self) -> Path:
        """The imported popular list."""
        return self.data_dir / "popular.csv"


def load(path: Path | None) -> Settings:
    """Read the settings from a TOML file (or none) and the environment; the environment wins.

    Raises:
        SettingsError: the file can't be read, is no TOML, or holds a key or value that can't be used: all of them
            are named, with their lines.
    """
    text = _text(path)

    class _Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic's signature
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file = () if path is None else (TomlConfigSettingsSource(settings_cls, path),)
            return (init_settings, env_settings, *file)

    _refuse_unknown_environment()
    try:
        settings = _Loaded()
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error, path, text))) from None
    if settings.store and not settings.store.startswith("sqlite:///"):
        raise SettingsError(
            f"{_place(path, text, ('store',))}: `store` must be sqlite:///FILE, not {settings.store!r}."
        )
    return settings


def _refuse_unknown_environment() -> None:
    """A misspelt FIRSTSIGHT_… would otherwise do nothing, in silence."""
    for variable in sorted(os.environ):
        if not variable.startswith("FIRSTSIGHT_") or variable in _NOT_SETTINGS:
            continue
        where = tuple(variable.removeprefix("FIRSTSIGHT_").lower().split("__"))
        known = [name.lower() for name in _keys(where[:-1])]
        if where[-1] not in known and where[0] not in {"sources", "registration"}:
            near = get_close_matches(where[-1], known, 1)
            hint = f" Did you mean FIRSTSIGHT_{'__'.join([*where[:-1], near[0]]).upper()}?" if near else ""
            raise SettingsError(f"The environment variable {variable} names no setting.{hint}")


def _text(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"The settings file {path} can't be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is no valid TOML: {error}.") from error
    return text


def _sentences(error: ValidationError, path: Path | None, text: str) -> list[str]:
    sentences = []
    for problem in error.errors():
        where = tuple(problem["loc"])
        key = ".".join(map(str, where))
        place = _place(path, text, where)
        if problem["type"] == "extra_forbidden":
            near = get_close_matches(str(where[-1]), _keys(where[:-1]), 1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            sentences.append(f"{place}: there is no setting `{key}`.{hint}")
        elif problem["type"] == "missing":
            sentences.append(f"{place}: `{key}` is needed and is not there.")
        else:
            what = problem["msg"].removeprefix("Value error, ")
            sentences.append(f"{place}: `{key}` {what[0].lower()}{what[1:]}.")
    return sentences


def _keys(section: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in section:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if part == "sources":
            model = SourceSettings
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return [field.alias or name for name, field in model.model_fields.items()]


def _place(path: Path | None, text: str, where: tuple[int | str, ...]) -> str:
    """Where a key stands: the file and line, or the environment where the file does not hold it."""
    names = [str(part) for part in where if isinstance(part, str)]
    section: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("["):
            section = [part.strip().strip("\"'") for part in bare.strip("[]").split(".")]
            if section == names:
                return f"{path}, line {number}"
        elif "=" in bare and [*section, *(p.strip().strip("\"'") for p in bare.split("=")[0].split("."))] == names:
            return f"{path}, line {number}"
    return str(path) if text and len(names) > 1 else "settings (FIRSTSIGHT_… in the environment, or a missing key)"
