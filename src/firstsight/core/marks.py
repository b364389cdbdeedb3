"""What marks of agents are called: small texts in the store that say what an agent was told of, or has come to.

An agent's own are found by what their names begin with, so that it can be forgotten with them.
"""

from firstsight.core.ids import stable_id

INDICATORS, IN_VAIN = "indicator:", "in_vain:"
"""What their names begin with, by kind."""

AgentKey = tuple[str, str]
"""What an agent's history is kept by (core/events.py)."""


def indicator_mark(agent: AgentKey, domain: str) -> str:
    """When it was told that an agent asked for a known indicator under a domain."""
    return indicators_of_agent(agent) + domain


def indicators_of_agent(agent: AgentKey) -> str:
    """What the names of all these of an agent begin with; it ends with a colon."""
    return f"{INDICATORS}{stable_id(*agent)}:"


def in_vain_mark(agent: AgentKey) -> str:
    """An agent's window of what it asked in vain."""
    return f"{IN_VAIN}{stable_id(*agent)}"
