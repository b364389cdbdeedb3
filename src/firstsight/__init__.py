"""firstsight: first sight, age, randomness and intelligence of DNS names, for Wazuh."""

__version__ = "0.1.0"
