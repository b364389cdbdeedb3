from pathlib import Path

import pytest

from firstsight.core.errors import SettingsError
from firstsight.settings.node import NodeSettings, load_node
from node_home import script_module

TOKEN = "s3cret-of-the-node"


def load(folder: Path, text: str | None, **options: object) -> NodeSettings:
    config = None
    if text is not None:
        config = folder / "firstsight-node.conf"
        config.write_text(text)
    given: dict[str, object] = {"ca": None, "token_file": None, **options}
    return load_node(config, folder, **given)  # type: ignore[arg-type]  # options as they come


def test_the_file_of_the_integration_script_is_read(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/token").write_text(f"{TOKEN}\n")
    settings = load(
        tmp_path,
        "# a comment\n\nurl = https://fs.example:5730/\ntoken_file=etc/token\nca = etc/ca.pem\n"
        "node = node-2\ncollect_seconds = 10\n",
    )
    assert settings == NodeSettings(
        "https://fs.example:5730", "node-2", tmp_path / "etc/ca.pem", tmp_path / "etc/token"
    )
    assert settings.current_token() == TOKEN


@pytest.mark.parametrize(
    "text",
    [
        "url = https://h",
        "url=https://h:5730/fs/\n\n# x = y\n  node = a.b_c-1  \ntoken = a=b=c\n",
        "url = http://127.0.0.1:5730\nca =\ntoken_file =\ncollect_seconds = 3.5",
        "",
        "url = https://h\nnode = ä",
        "url = https://h\ntoken = ä",
        "url = https://h\ncolour = red",
        "url = https://h?x=1",
        "url = http://h",
    ],
)
def test_both_clients_read_the_file_alike(tmp_path: Path, text: str) -> None:
    script = script_module()
    (tmp_path / "conf").write_text(text)
    try:
        theirs = script.read_conf(str(tmp_path / "conf"))
    except script.Failed:
        with pytest.raises(SettingsError):
            load_node(tmp_path / "conf", tmp_path, ca=None, token_file=None)
        return
    ours = load_node(tmp_path / "conf", tmp_path, ca=None, token_file=None)
    assert (ours.url, ours.node, ours.current_token(), str(ours.ca or "")) == (
        theirs.url, theirs.node, theirs.token, theirs.ca,
    )  # fmt: skip


def test_options_win(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("other")
    settings = load(
        tmp_path,
        f"url = https://a\ntoken = {TOKEN}\nnode = a",
        url="https://b",
        node="b",
        ca=Path("c"),
        token_file=tmp_path / "t",
    )
    assert (settings.url, settings.node, settings.ca) == ("https://b", "b", Path("c"))
    assert settings.current_token() == "other"


def test_a_new_token_needs_no_restart(tmp_path: Path) -> None:
    file = tmp_path / "t"
    file.write_text("old")
    settings = load(tmp_path, None, url="https://a", token_file=file)
    file.write_text("new")
    assert settings.current_token() == "new"


def test_the_machine_gives_its_name(tmp_path: Path) -> None:
    assert load(tmp_path, None, url="https://a").node


@pytest.mark.parametrize("url", ["http://127.0.0.1:5730", "http://localhost:5730", "http://[::1]:5730", "https://h/fs"])
def test_urls(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, None, url=url).url == url


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "needs firstsight's url"),
        ("url = ftp://x", "needs firstsight's url"),
        ("url = https://me:pw@host", "needs firstsight's url"),
        ("url = https://h:99999", "needs firstsight's url"),
        ("url = http://10.0.0.1:5730", "in clear text"),
        ("url = http://127.0.0.1.evil.example:5730", "in clear text"),
        ("url = https://h\nnoode = 1", "line 2 is no"),
        ("url = https://h\nnode", "line 2 is no"),
        ("url = https://h\nnode = a/b", "no node's name"),
        (f"url = https://h\nnode = {'a' * 65}", "no node's name"),
        (f"url = https://h\ntoken = {TOKEN}\ntoken_file = etc/t", "keep one"),
        (f"url = https://h\ntoken = {TOKEN} {TOKEN}", "blanks"),
        ("url = https://h\ntoken_file = no-such", "no-such, which should hold the service's token, can't be read"),
    ],
)
def test_what_can_not_be_used_is_said_without_the_secret(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    assert told in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read: No such file"):
        load_node(tmp_path / "none.conf", tmp_path, ca=None, token_file=None)
