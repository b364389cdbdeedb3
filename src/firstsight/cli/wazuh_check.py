"""`firstsight wazuh check`."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from firstsight.cli.files import read_bounded
from firstsight.clock import SystemClock
from firstsight.core.errors import SettingsError
from firstsight.settings import Settings, load
from firstsight.settings.checks import url_of
from firstsight.settings.node import load_node
from firstsight.wazuh.doctor.arriving import arriving
from firstsight.wazuh.doctor.findings import Finding, Person, State
from firstsight.wazuh.doctor.response import active_response
from firstsight.wazuh.doctor.roads import roads
from firstsight.wazuh.doctor.rules_loaded import rules_loaded
from firstsight.wazuh.doctor.service import ServiceClient, intelligence, people, popular_list, service_answers
from firstsight.wazuh.doctor.trial import Station, Trial
from firstsight.wazuh.setup.manager import Manager, find
from firstsight.wazuh.setup.ossec_conf import cluster_role, runs_script
from firstsight.wazuh.setup.plan import NODE_CONF

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # addresses to listen on, and to ask at


def run(home: Path | None, config: Path | None, token_file: Path | None, *, fire: bool, as_json: bool) -> int:
    """Look over a manager, the service, and what is between them.

    Args:
        home: the manager's folder; None finds it.
        config: the settings file of the service.
        token_file: a token of scope read, where the service wants one.
        fire: send an event through the whole chain.
        as_json: one JSON document instead of lines.

    Returns:
        0; 1 where something is wrong, or the event did not come through.

    Raises:
        FirstsightError: there is no manager, or the settings can't be used.
    """
    settings = load(config)
    manager = find(home)
    token = _token(token_file)
    findings: list[Finding] = []
    stations: list[Station] = []
    client = _client_of_service(settings, token)
    if runs_script(manager.conf()):
        try:
            client = _client_of_node(manager, token)
        except SettingsError as error:
            findings.append(Finding("script's settings", State.WRONG, str(error), "docs/nodes.md says what they are"))
    findings.extend(_findings(manager, settings, client))
    if not as_json:
        for finding in findings:
            _say(finding)
    if fire:
        trial = Trial(manager, client, SystemClock())
        for station in trial.stations():
            stations.append(station)
            if not as_json:
                reached = "stopped" if station.reached is None else f"{station.reached:6.1f}s"
                print(f"  {reached}  {station.name}: {station.text}")
    fine = all(finding.state is not State.WRONG for finding in findings)
    fine = fine and all(station.reached is not None for station in stations)
    if as_json:
        document = {"ok": fine, "checks": list(map(asdict, findings))}
        print(json.dumps(document | ({"stations": list(map(asdict, stations))} if fire else {})))
    return 0 if fine else 1


def _findings(manager: Manager, settings: Settings, client: ServiceClient) -> Iterator[Finding]:
    now = SystemClock.now()
    followed = manager.is_followed(source.path for source in settings.sources)
    service = _service(settings.data_dir)
    yield _version(manager)
    yield from rules_loaded(manager, settings.wazuh.rule_base)
    yield from roads(manager, followed=followed, service=service)
    yield from arriving(manager, now)
    yield active_response(manager)
    yield from service_answers(client)
    if service is not None:  # the service is this machine's
        yield popular_list(settings.popular_path, settings.popular.top, now)
        yield intelligence(settings.otx.url, settings.otx.key_file, service)
        yield people(settings.privacy.users, viewers_see=settings.privacy.viewers_see_users)
    if cluster_role(manager.conf()):
        text = "A master hands rules and lists on to its workers; not ossec.conf, integrations, scripts, node settings."
        yield Finding(
            "cluster", State.NOTE, text, "on each node: firstsight wazuh install, then firstsight wazuh check"
        )


def _say(finding: Finding) -> None:
    mark = {State.OK: "OK   ", State.NOTE: "note ", State.WRONG: "WRONG"}[finding.state]
    print(f"{mark}  {finding.what}: {finding.text}")
    if finding.mend:
        print(f"         → {finding.mend}")


def _version(manager: Manager) -> Finding:
    if manager.reloads:
        return Finding("Wazuh", State.OK, f"{manager.words()}.")
    text = f"{manager.words()}: new rules are taken up by a restart only, which 4.13 and later don't need."
    return Finding("Wazuh", State.NOTE, text)


def _service(data_dir: Path) -> Person | None:
    """Whose the service's data is, and so who runs it; None where it does not run on this machine."""
    try:
        found = data_dir.stat()
    except OSError:
        return None
    return Person.of(found.st_uid, found.st_gid)


def _token(file: Path | None) -> str:
    return "" if file is None else read_bounded(file, 4096).decode("ascii", "replace").strip()


def _client_of_node(manager: Manager, token: str) -> ServiceClient:
    """How the script reaches the service."""
    node = load_node(manager.home / NODE_CONF, manager.home, ca=None, token_file=None)
    return ServiceClient(node.url, token=token or node.current_token(), ca=node.ca)


def _client_of_service(settings: Settings, token: str) -> ServiceClient:
    """How a service with these settings is reached on its own machine."""
    host, port = settings.address
    host = _EVERYWHERE.get(host, host)
    own = Path(settings.tls.cert) if settings.tls.cert else None
    return ServiceClient(url_of(host, port, secure=own is not None), token=token, own=own)
