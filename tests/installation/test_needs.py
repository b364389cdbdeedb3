import tomllib
from dataclasses import replace
from pathlib import Path

from firstsight.installation.needs import Needs, first_settings
from firstsight.settings import Settings


def test_the_first_settings_are_good_settings_of_a_service_beside_wazuh() -> None:
    settings = Settings.model_validate(tomllib.loads(first_settings(Path('/srv/my "ossec"'))))

    assert [source.path for source in settings.sources] == [Path('/srv/my "ossec"/logs/alerts/alerts.json')]
    assert settings.wazuh.queue == '/srv/my "ossec"/queue/sockets/queue'
    assert settings.data_dir == Path("/var/lib/firstsight")


def test_logs_of_one_folder_are_one_folder() -> None:
    needs = Needs(Path("/o"), (Path("/o/a/1"), Path("/o/a/2"), Path("/o/b/1")), None, Path("/s"))
    assert needs.read == (Path("/o/a"), Path("/o/b"))
    assert replace(needs, sources=()).read == ()
