"""Measures firstsight: `python -m bench` from the checkout. See README.md."""
