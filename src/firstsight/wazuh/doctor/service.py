"""Does the service answer, and has it what it needs: the popular list, a key for threat intelligence?"""

import http.client
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from firstsight.core.errors import InputError
from firstsight.core.notices import span
from firstsight.core.usernames import Users
from firstsight.wazuh.doctor.findings import Finding, Person, State

_PATIENCE = 10.0  # seconds for an answer
_OLD = 45 * 86400.0  # seconds; domains come and go
_MOST = 8 << 20  # bytes of an answer
_READ_BY_OTHERS = 0o004


class ServiceClient:
    """Asks the service.

    Args:
        url: where it listens.
        token: sent where it is not empty; local callers need none.
        ca: PEM of the authority that signed its certificate; None: the system's.
        own: PEM of its certificate itself, believed whatever name is asked for: on its own machine, by address.
    """

    def __init__(self, url: str, *, token: str = "", ca: Path | None = None, own: Path | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._ca = ca
        self._own = own

    def get(self, path: str) -> tuple[int, Any]:
        """Ask: HTTP status, and the JSON of the answer.

        Raises:
            InputError: no answer, or none of firstsight's; or the certificate that is to be believed can't be used.
        """
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port
        try:
            if parts.scheme == "https":
                connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                    host, port, timeout=_PATIENCE, context=self._trust()
                )
            else:
                connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
            try:
                connection.request("GET", path, headers=self._headers())
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read(_MOST))
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            why = (
                error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
            )
            raise InputError(f"{self.url} does not answer: {why}.") from error
        except ValueError as error:
            raise InputError(f"What answers at {self.url} is not firstsight.") from error

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _trust(self) -> ssl.SSLContext:
        try:
            if self._own is None:
                return ssl.create_default_context(cafile=self._ca)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.load_verify_locations(self._own)
        except OSError as error:
            raise InputError(
                f"The certificate {self._own or self._ca} can't be used ({error.strerror or error}). See that it is "
                f"there, in PEM, and that you may read it."
            ) from error
        return context


def service_answers(client: ServiceClient) -> Iterator[Finding]:
    """Ask the service how it is."""
    try:
        status, body = client.get("/readyz")
    except InputError as error:
        yield Finding("service", State.WRONG, str(error), "systemctl status firstsight; journalctl -u firstsight -n 50")
        return
    if status not in {200, 503} or not isinstance(body, dict) or "degraded" not in body:
        yield Finding("service", State.WRONG, f"What answers at {client.url} is not firstsight.", "check `listen`")
        return
    if status == 503:  # noqa: PLR2004  # as the API says
        text = f"{client.url} records nothing: {body.get('reason')}"
        yield Finding("service", State.WRONG, text, "journalctl -u firstsight -n 50")
    else:
        yield Finding("service", State.OK, f"{client.url} records what comes.")
    for sentence in body["degraded"]:
        yield Finding("service", State.WRONG, str(sentence), "docs/troubleshooting.md has this sentence")


def popular_list(path: Path, top: int, now: float) -> Finding:
    """The imported list.

    Args:
        path: where it stands.
        top: how much of it counts; 0 = off.
        now: the time, seconds since the epoch.
    """
    command = "firstsight import popular top-1m.csv"
    if top == 0:
        return Finding("popular list", State.NOTE, "Off, by [popular] top = 0: only firstsight's own list quiets.")
    try:
        age = now - path.stat().st_mtime
    except OSError:
        text = "Only firstsight's own short list is there: more that everybody asks for alerts when first seen."
        return Finding("popular list", State.NOTE, text, command)
    if age > _OLD:
        return Finding("popular list", State.NOTE, f"{path} is {span(age)} old.", command)
    return Finding("popular list", State.OK, f"{path}, {span(max(0.0, age))} old.")


def people(users: Users, *, viewers_see: bool) -> Finding:
    """What becomes of people's names.

    Args:
        users: what is kept of them.
        viewers_see: whether those who may only read see them.
    """
    hidden = "" if viewers_see or users is Users.LEAVE_OUT else "; viewers see none"
    return Finding("people's names", State.NOTE, f"{users.in_words.capitalize()} ([privacy] users = {users}){hidden}.")


def intelligence(url: str, key_file: str, service: Person | None) -> Finding:
    """OTX and its key.

    Args:
        url: OTX's; empty = off.
        key_file: file of the key; empty = none.
        service: the user that must read it, where that is known.
    """
    if not url and not key_file:
        return Finding("OTX", State.NOTE, "Off: no threat intelligence is asked.")
    if not key_file:
        return Finding(
            "OTX", State.NOTE, "Asked without a key, which it bears for a few questions only.", "[otx] key_file"
        )
    path = Path(key_file)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return Finding("OTX", State.WRONG, f"The key in {path} can't be read: {error.strerror}.", f"ls -l {path}")
    if mode & _READ_BY_OTHERS:
        return Finding("OTX", State.WRONG, f"Everybody on this machine may read the key in {path}.", f"chmod o= {path}")
    if service is not None and not service.may("-r", path):
        mend = f"chown root:{service.name} {path} && chmod 640 {path}"
        return Finding("OTX", State.WRONG, f"User {service.name} may not read the key in {path}.", mend)
    return Finding("OTX", State.OK, f"The key is in {path}.")
