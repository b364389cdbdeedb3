from firstsight.web.plain import plain_page


def test_a_style_of_its_own_or_none() -> None:
    assert b"<style>p{margin:0}</style></head><body><p>a</p></body>" in plain_page("t", "<p>a</p>", "p{margin:0}")
    assert b"<style" not in plain_page("t", "<p>a</p>")
