"""What a demo prints: alerts as Wazuh's queue hears them, and the summary."""

import json
import sys
import textwrap
from collections import Counter
from typing import Any

_COLOURS = {"low": "36", "medium": "33", "high": "31", "critical": "1;37;41"}
_WIDTH = 110


class Show:
    """Prints, and counts what it printed."""

    def __init__(self) -> None:
        self.severities: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.follow_ups = 0
        self._colour = sys.stdout.isatty()

    def say(self, text: str = "") -> None:
        """A line of the narrator."""
        print(text, flush=True)

    def heard(self, datagram: bytes) -> None:
        """An alert or a notice, as the queue socket got it."""
        location, _, message = datagram.decode().removeprefix("1:").partition(":{")
        alert: dict[str, Any] = json.loads("{" + message)["firstsight"]
        if "notice" in alert:
            self.say(textwrap.fill(alert["summary"], _WIDTH, initial_indent=" NOTICE   ", subsequent_indent=" " * 10))
            return
        severity = alert["severity"]
        self.severities[severity] += 1
        self.reasons.update(alert["reasons"])
        self.follow_ups += "follows" in alert
        mark = self._paint(f" {severity.upper():8}", _COLOURS[severity])
        follow = "  follow-up of an earlier alert" if "follows" in alert else ""
        self.say(f"{mark} {alert['query']}  [{', '.join(alert['reasons'])}]{follow}")
        self.say(textwrap.fill(alert["summary"], _WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10))
        evidence = [location.partition("->")[0]]
        evidence += [f"{key} {alert[key]}" for key in ("status", "age_days", "agents") if key in alert]
        evidence += [f"answers {', '.join(alert['answers'])}"] if "answers" in alert else []
        self.say(self._paint(" " * 10 + "; ".join(evidence), "2"))

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def summary(self, account: dict[str, int], totals: dict[str, int]) -> None:
        """What month and day came to.

        Args:
            account: the source's account.
            totals: the store's totals.
        """
        skipped = sum(n for what, n in account.items() if what.startswith("skipped:"))
        kinds = ("seen", "nxdomain", "failed", "internal", "reverse", "single_label", "suffix", "address", "invalid")
        told = [f"{account[kind]:,} {kind}" for kind in kinds if account.get(kind)]
        self.say()
        self.say(
            f"lines read      {account['lines']:,} = {skipped:,} without a DNS event + {account['events']:,} events"
        )
        self.say(f"events          {account.get('duplicate', 0):,} duplicate, {', '.join(told)}")
        held = ", ".join(
            f"{n:,} {what.removeprefix('held:')}" for what, n in totals.items() if what.startswith("held:")
        )
        self.say(f"held back       {held}")
        severities = ", ".join(f"{self.severities[severity]} {severity}" for severity in reversed(_COLOURS))
        self.say(
            f"alerts          {sum(self.severities.values())}: {severities} ({self.follow_ups} of them follow-ups)"
        )
        self.say(f"by reason       {', '.join(f'{n} {reason}' for reason, n in self.reasons.most_common())}")
