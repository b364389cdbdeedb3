from pathlib import Path

import pytest
import trustme

from alert_samples import FakeClock
from firstsight.cli.reach import Match, reach
from firstsight.core.errors import InputError, StoreError
from firstsight.store.sqlite import SqliteStore
from running import free_port, process
from tokens_of_tests import line, token_file

MATCH = Match("kestrelvale.com", "", "", [])


def test_over_tls_the_very_certificate_is_trusted(tmp_path: Path) -> None:
    """Whatever name it is for, and though nobody vouches for it."""
    leaf = trustme.CA().issue_cert("firstsight.example")
    (tmp_path / "cert").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    (tmp_path / "key").write_bytes(leaf.private_key_pem.bytes())
    token_file(tmp_path, line("may-read", "read"))
    config = (
        f'data_dir = "{tmp_path}/data"\n[http]\noffline = true\n[auth]\ntoken_file = "{tmp_path}/tokens"\n'
        f'[tls]\ncert = "{tmp_path}/cert"\nkey = "{tmp_path}/key"\n'
    )
    with process(tmp_path, config, f"0.0.0.0:{free_port()}"), reach(tmp_path / "firstsight.toml") as exceptions:
        made = exceptions.add(MATCH, "r", "a", "never")
        assert exceptions.listed() == [made]
        other = trustme.CA().issue_cert("firstsight.example")
        (tmp_path / "cert").write_bytes(b"".join(blob.bytes() for blob in other.cert_chain_pems))
        with reach(tmp_path / "firstsight.toml") as mistrustful, pytest.raises(StoreError, match="CERTIFICATE_VERIFY"):
            mistrustful.listed()


def test_another_process_than_a_service_holds_the_store(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    config = tmp_path / "firstsight.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\nlisten = "127.0.0.1:{free_port()}"\n')
    store = SqliteStore(tmp_path / "data" / "firstsight.db", FakeClock())
    try:
        with reach(config) as exceptions, pytest.raises(StoreError, match="no firstsight answers at 127"):
            exceptions.listed()
    finally:
        store.close()


def test_a_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    config = tmp_path / "firstsight.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\n[tls]\ncert = "{tmp_path}/cert"\nkey = "{tmp_path}/key"\n')
    store = SqliteStore(tmp_path / "data" / "firstsight.db", FakeClock())
    try:
        with pytest.raises(InputError, match=r"The certificate .* can't be read"), reach(config):
            raise AssertionError("it was reached")
    finally:
        store.close()
