"""Domain Stats 1.0.1 as a WSGI app, as it is, but for whom it asks: a registry on loopback (`BENCH_RDAP`).

Runs in the original's own environment, started by gunicorn in the folder of its data. Nothing of it is kept here: it
is imported and run. Its registry's address is written in its code, so the one function that puts it before a
question is given ours.
"""

import os
from importlib import import_module
from typing import Any

_client = import_module("rdap.client").RdapClient
_ask = _client._rdap_get  # noqa: SLF001  # the only place where the address can be replaced


def _ask_loopback(client: Any, query: str, base_url: str | None = None) -> Any:  # noqa: ARG001  # its signature
    return _ask(client, query, os.environ["BENCH_RDAP"])


_client._rdap_get = _ask_loopback  # noqa: SLF001
application = import_module("domain_stats.server").config_app(os.getcwd())  # noqa: PTH109  # its own argument
