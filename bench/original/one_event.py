"""What the original does for each event, in a process of its own: read the alert, ask its service, send what it says.

A stand-in written for the bench (the original's script is its author's). Runs in the original's environment:
`python one_event.py ALERT PORT QUEUE`.
"""

import json
import socket
import sys
from importlib import import_module
from pathlib import Path


def main(alert: str, port: str, queue: str) -> None:
    """One event."""
    event = json.loads(Path(alert).read_text())
    name = event["data"]["win"]["eventdata"]["queryName"]
    answer = import_module("requests").get(f"http://127.0.0.1:{port}/{name}", timeout=10).json()
    where = f"[{event['agent']['id']}] ({event['agent']['name']}) {event['agent']['ip']}"
    said = json.dumps({"integration": "dnsstat", "domain": name, "dnsstat": answer})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.connect(queue)
        out.send(f"1:{where}->dnsstat:{said}".encode())


main(*sys.argv[1:])
