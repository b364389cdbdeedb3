from firstsight.core.notices import NOTICES


def test_what_is_told_once_only_informs_and_trouble_ends() -> None:
    assert {code: kind.level > 3 for code, kind in NOTICES.items()} == {
        code: kind.two_sided for code, kind in NOTICES.items()
    }
    assert all(kind.code == code and 3 <= kind.level <= 15 for code, kind in NOTICES.items())


def test_every_kind_says_what_it_means_and_what_to_do() -> None:
    assert all(kind.meaning and kind.todo for kind in NOTICES.values())
