from collections.abc import Iterator

import pytest

from pages_fed import Fed, fed_service


@pytest.fixture(scope="session")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fed]:
    """A service that has read what is nasty; one for all tests of pages."""
    with fed_service(tmp_path_factory.mktemp("pages")) as fed:
        yield fed
