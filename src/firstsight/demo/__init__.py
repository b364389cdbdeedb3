"""A self-made company with a month behind it and one bad day, to see firstsight work without a Wazuh at hand.

Larkspur Instruments, its people and its suppliers are invented; only well-known platforms and CDNs are real.
"""
