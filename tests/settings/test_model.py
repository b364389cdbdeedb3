from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from firstsight.core.usernames import Users
from firstsight.settings import Settings


def fault(keys: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(keys)
    (only,) = caught.value.errors()
    return only["msg"]


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:5730", ("127.0.0.1", 5730)),
        ("127.0.0.2:0", ("127.0.0.2", 0)),
        ("localhost:80", ("localhost", 80)),
        ("[::1]:5730", ("::1", 5730)),
    ],
)
def test_loopback_may_be_listened_on(listen: str, address: tuple[str, int]) -> None:
    assert Settings(listen=listen).address == address


OTHERS = ["0.0.0.0:5730", "10.0.0.5:5730", "[::]:5730", "192.0.2.1:80", "[fe80::1]:1", "[::ffff:127.0.0.1]:1"]
TOKENS = {"token_file": "/tokens"}
TLS = {"cert": "/cert", "key": "/key"}
PROXIES = {"trusted_proxies": ["10.0.0.7"]}


@pytest.mark.parametrize("listen", OTHERS)
@pytest.mark.parametrize("keys", [{}, {"auth": TOKENS}])
def test_any_other_address_is_refused_with_what_is_missing(listen: str, keys: dict[str, Any]) -> None:
    told = fault({"listen": listen} | keys)

    assert f"would open the service on {listen.rpartition(':')[0].strip('[]')}" in told
    assert "Add `[tls] cert`" in told
    assert "listen on 127.0.0.1:5730" in told


@pytest.mark.parametrize("listen", OTHERS)
@pytest.mark.parametrize("auth", [{}, {"auth": TOKENS}])
def test_any_other_address_with_tls_or_a_proxy(listen: str, auth: dict[str, Any]) -> None:
    """Who may ask is in the store, or in a token file; without either it is nobody."""
    for more in ({"tls": TLS}, {"web": PROXIES}, {"tls": TLS, "web": PROXIES}):
        assert not Settings.model_validate({"listen": listen} | auth | more).loopback


@pytest.mark.parametrize("keys", [{"cert": "/cert"}, {"key": "/key"}])
def test_a_certificate_and_its_key_go_together(keys: dict[str, str]) -> None:
    assert "needs `cert` and `key`, or neither" in fault({"tls": keys})
    assert Settings.model_validate({"tls": TLS}).loopback


@pytest.mark.parametrize("proxy", ["proxy.example", "10.0.0.1/24", "", "10.0.0.7:80", "0.0.0.0/0", "::/0"])
def test_what_is_no_trusted_proxy(proxy: str) -> None:
    told = fault({"web": {"trusted_proxies": ["10.0.0.7", proxy]}, "auth": TOKENS})

    assert "must name addresses or networks" in told or "would trust everybody" in told


@pytest.mark.parametrize(
    "host", ["sensor.example", "Sensor.Example.", "sensor", "10.0.0.5", "2001:db8::1", "[2001:db8::1]"]
)
def test_hosts(host: str) -> None:
    assert Settings.model_validate({"web": {"hosts": [host]}}).web.hosts == [host]


@pytest.mark.parametrize(
    "host",
    ["sensor.example:5730", "https://sensor.example", "sensor.example/", "10.0.0.5:80", "[::1]:80", "", "*", "a b"],
)
def test_a_host_that_would_never_match_is_refused(host: str) -> None:
    assert "without a scheme or port" in fault({"web": {"hosts": [host]}})


@pytest.mark.parametrize("listen", ["", "5730", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536"])
def test_what_is_no_address_and_port(listen: str) -> None:
    assert "is not `address:port`" in fault({"listen": listen})


@pytest.mark.parametrize("listen", ["sensor.example:5730", ":5730", "127.1:5730"])
def test_what_names_no_address(listen: str) -> None:
    assert "names no address" in fault({"listen": listen})


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"registration": {"rate": 0}}, "greater than 0"),
        ({"registration": {"rate": float("inf")}}, "finite number"),
        ({"registration": {"deadline": 61}}, "less than or equal to 60"),
        ({"registration": {"burst": 0}}, "greater than or equal to 1"),
        ({"registration": {"new_days": 0}}, "greater than or equal to 1"),
        ({"compat": {"wait": 11}}, "less than or equal to 10"),
        ({"compat": {"wait": -1}}, "greater than or equal to 0"),
        ({"learning": {"days": -1}}, "greater than or equal to 0"),
        ({"learning": {"days": float("nan")}}, "finite number"),
        ({"memory": {"domains": 1}}, "greater than or equal to 100"),
        ({"wazuh": {"format": "cef"}}, "should be 'firstsight', 'dnsstat' or 'both'"),
        ({"compat": {"listen": "10.0.0.1:5730"}}, "they are named"),
        ({"compat": {"allow": ["10.0.0.5"]}}, "they are named"),
        ({"compat": {"listen": "10.0.0.1", "allow": ["10.0.0.5"]}}, "is not `address:port`"),
        ({"compat": {"listen": "10.0.0.1:5730", "allow": ["0.0.0.0/0"]}}, "would trust everybody"),
        ({"compat": {"listen": "10.0.0.1:5730", "allow": ["sensor"]}}, "must name addresses"),
        ({"compat": {"browse_limit": 0}}, "greater than or equal to 1"),
        ({"compat": {"timezone_offset": 25}}, "less than or equal to 24"),
        ({"log": "xml"}, "should be 'console' or 'json'"),
        ({"sources": [{"path": "/a", "type": "zeek"}]}, "should be 'wazuh'"),
        ({"sources": [{"path": "/a", "name": "node:a"}]}, "may not begin as 'node:a' does"),
        ({"sources": [{"path": "/a", "name": "api:a"}]}, "may not begin as 'api:a' does"),
        ({"sources": [{"path": "/a", "start": "start"}]}, "Extra inputs are not permitted"),
        ({"listen ": "x"}, "Extra inputs are not permitted"),
        ({"retention": {"who": "400"}}, "must be a number of days, such as 400d, or empty for ever: not '400'"),
        ({"retention": {"alerts": "0d"}}, "must be a number of days"),
        ({"retention": {"hosts": "1y"}}, "must be a number of days"),
    ],
)
def test_bounds(keys: dict[str, Any], what: str) -> None:
    assert what in fault(keys)


@pytest.mark.parametrize(
    ("proxy", "taken"),
    [
        ("", ""),
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("https://user:p%40ss@10.0.0.7:3128/", "https://user:p%40ss@10.0.0.7:3128/"),
        ("proxy.example:3128", "http://proxy.example:3128"),
    ],
)
def test_proxies(proxy: str, taken: str) -> None:
    assert Settings.model_validate({"http": {"proxy": proxy}}).http.proxy == taken


@pytest.mark.parametrize(
    "proxy",
    [
        "socks5://u:hunter2@x:1",
        "http://u:hunter2@",
        "http://u:hunter2@x:99999",
        "http://u:hunter2@x/path",
        "http://u:hunter2@[x",
        "http://u:hunter2@x?y",
        "//",
    ],
)
def test_what_is_no_proxy_is_not_repeated(proxy: str) -> None:
    told = fault({"http": {"proxy": proxy}})
    assert "must be an http or https URL" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("table", ["", "/srv/dns.json", "http://127.0.0.1:8080/dns.json", "https://x.example/dns.json"])
def test_the_table_of_registries_is_a_file_or_a_url(table: str) -> None:
    assert Settings.model_validate({"registration": {"bootstrap": table}}).registration.bootstrap == table


@pytest.mark.parametrize("table", ["ftp://u:hunter2@x.example/", "https://u:hunter2@x.example/dns.json", "http://"])
def test_another_kind_of_address_is_no_table(table: str) -> None:
    told = fault({"registration": {"bootstrap": table}})
    assert "must be a file, or an http or https URL without credentials" in told
    assert "hunter2" not in told


def test_where_things_are_kept() -> None:
    usual = Settings(data_dir=Path("/srv/fs"))

    assert usual.store_path == Path("/srv/fs/firstsight.db")
    assert usual.popular_path == Path("/srv/fs/popular.csv")
    assert usual.lesson_path == Path("/srv/fs/randomness-site.json")
    assert usual.rdap_table_path == Path("/srv/fs/rdap-servers.json")
    assert Settings(store="sqlite:///srv/other.db").store_path == Path("/srv/other.db")
    assert Settings(store="sqlite:////srv/other.db").store_path == Path("/srv/other.db")


def test_the_weak_threshold_is_not_above_the_strong_one() -> None:
    assert "weak threshold (0.95) above the one that alerts (0.9)" in fault({"randomness": {"weak": 0.95}})
    assert Settings(randomness={"threshold": 0.5}).randomness.weak == 0.5


@pytest.mark.parametrize("store", ["postgres://host/db", "sqlite://relative.db", "/srv/first.db", "sqlite:"])
def test_a_store_is_a_sqlite_url(store: str) -> None:
    assert "must be sqlite:///FILE" in fault({"store": store})


def test_settings_do_not_change_while_they_are_used() -> None:
    with pytest.raises(ValidationError):
        Settings().learning.days = 3  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(
    "url", ["https://otx.alienvault.com", "http://127.0.0.1:8080/", "https://proxy.example/otx", ""]
)
def test_an_otx_server(url: str) -> None:
    assert Settings.model_validate({"otx": {"url": url}}).otx.url == url


@pytest.mark.parametrize("url", ["otx.alienvault.com", "ftp://x", "https://user:secret@x", "https://x/?key=secret"])
def test_what_is_no_otx_server_is_not_repeated(url: str) -> None:
    told = fault({"otx": {"url": url}})

    assert "must be an http or https URL without credentials or query" in told
    assert "must not" not in told


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"quota": 9}, "at least 10"),
        ({"known": ""}, "needs `known` and `absent`"),
        ({"absent": ""}, "needs `known` and `absent`"),
        ({"known": "5w"}, "at most that"),
        ({"ask": "some"}, "Input should be 'reasons' or 'all'"),
    ],
)
def test_what_otx_can_t_be_asked_with(keys: dict[str, Any], told: str) -> None:
    assert told in fault({"otx": keys})


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("", ""),
        ("https://firstsight.example/", "https://firstsight.example"),
        ("http://10.0.0.7:5730", "http://10.0.0.7:5730"),
    ],
)
def test_the_address_of_pages(given: str, url: str) -> None:
    assert Settings.model_validate({"web": {"public_url": given}}).web.public_url == url


@pytest.mark.parametrize("url", ["firstsight.example", "javascript:alert(1)", "https://x/?a=b", "https://user:pass@x/"])
def test_what_is_no_address_of_pages(url: str) -> None:
    assert "must be an http or https URL" in fault({"web": {"public_url": url}})


def test_a_list_is_fetched_unless_its_url_is_empty() -> None:
    assert Settings().popular.url == "https://tranco-list.eu/top-1m.csv.zip"
    for url in ("", "http://127.0.0.1:8080/top.csv", "https://lists.example/a/b.csv.gz?x=1"):
        assert Settings.model_validate({"popular": {"url": url}}).popular.url == url


@pytest.mark.parametrize(
    "url", ["/srv/top.csv", "ftp://lists.example/", "https://user:secret@lists.example/", "https://", "https://a b/"]
)
def test_what_is_no_url_of_a_list(url: str) -> None:
    assert "must be an http or https URL without credentials" in fault({"popular": {"url": url}})


@pytest.mark.parametrize(
    ("written", "users"),
    [
        ("keep", Users.KEEP),
        ("pseudonym", Users.PSEUDONYM),
        ("leave_out", Users.LEAVE_OUT),
        (True, Users.KEEP),
        ("false", Users.LEAVE_OUT),
        (False, Users.LEAVE_OUT),
    ],
)
def test_what_is_kept_of_users_also_as_it_was_written_once(written: object, users: Users) -> None:
    assert Settings.model_validate({"privacy": {"users": written}}).privacy.users is users


def test_nothing_else_is_kept_of_users() -> None:
    assert fault({"privacy": {"users": "some"}}) == "Input should be 'keep', 'pseudonym' or 'leave_out'"


OIDC = {"issuer": "https://login.example.com/realms/soc", "client_id": "firstsight", "roles": {"soc": "analyst"}}
PUBLIC = {"public_url": "https://firstsight.example", "hosts": ["firstsight.example"]}


@pytest.mark.parametrize(
    ("issuer", "web"),
    [
        ("https://login.example.com", PUBLIC),
        ("https://login.example.com/application/o/firstsight/", {"public_url": "https://192.0.2.1:5730"}),
        ("http://localhost:8080/realms/soc", {"public_url": "http://127.0.0.1:5730/"}),
        ("http://[::1]:8080", {"public_url": "http://localhost:5730"}),
    ],
)
def test_an_identity_provider(issuer: str, web: dict[str, Any]) -> None:
    settings = Settings.model_validate({"oidc": OIDC | {"issuer": issuer}, "web": web})
    assert settings.oidc.issuer == issuer
    assert settings.oidc.local_login


@pytest.mark.parametrize(
    ("oidc", "web", "told"),
    [
        ({"issuer": "http://login.example.com"}, PUBLIC, "must be an https URL"),
        ({"issuer": "https://user:hunter2@login.example.com"}, PUBLIC, "must be an https URL"),
        ({"issuer": "https://login.example.com?a=b"}, PUBLIC, "must be an https URL"),
        ({"issuer": "login.example.com"}, PUBLIC, "must be an https URL"),
        ({"client_id": ""}, PUBLIC, "needs `client_id`, and `roles`"),
        ({"roles": {}}, PUBLIC, "needs `client_id`, and `roles`"),
        ({"issuer": "", "local_login": False}, PUBLIC, "nobody could log in"),
        ({"roles": {"soc": "root"}}, PUBLIC, "Input should be 'viewer', 'analyst' or 'admin'"),
        ({"scopes": ["open id"]}, PUBLIC, "must be scopes"),
        ({}, {}, "needs `[web] public_url`"),
        ({}, {"public_url": "http://firstsight.example", "hosts": ["firstsight.example"]}, "needs `[web] public_url`"),
        ({}, {"public_url": "https://firstsight.example/below"}, "needs `[web] public_url`"),
        ({}, {"public_url": "https://firstsight.example"}, "needs firstsight.example, of `[web] public_url`, in"),
    ],
)
def test_an_identity_provider_that_cannot_work(oidc: dict[str, Any], web: dict[str, Any], told: str) -> None:
    said = fault({"oidc": OIDC | oidc, "web": web})
    assert told in said
    assert "hunter2" not in said
