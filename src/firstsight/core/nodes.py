"""Nodes of a Wazuh cluster that hand their alerts over: what they may be called, and what is kept by their name."""

NODE = r"^[A-Za-z0-9_.-]{1,64}$"
"""A node's name. Narrow, because it stands in a URL, in the store, in sentences and in a metric's label."""

PREFIX = "node:"


def kept_by(node: str) -> str:
    """The name that a node's source (account, learning) and its outbox have in the store."""
    return f"{PREFIX}{node}"
