"""What every test stands on. Being here also puts `tests/` on the path, for the helpers that tests share."""

import os

from hypothesis import settings

# No wall-clock assertion in a test: a slow machine is no failure.
settings.register_profile("firstsight", deadline=None)
settings.load_profile("firstsight")

# A developer's own settings must not steer the tests.
for variable in [name for name in os.environ if name.startswith("FIRSTSIGHT_")]:
    if variable not in {"FIRSTSIGHT_CORPUS", "FIRSTSIGHT_REQUIRE_ALL"}:
        del os.environ[variable]
