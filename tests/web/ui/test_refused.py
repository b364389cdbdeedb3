from firstsight.web.ui.refused import KIND, refusal


def test_it_says_why_and_what_to_do() -> None:
    body, kind = refusal(401, "Unauthorized", "A <token> is needed.")
    assert kind == KIND
    assert b"A &lt;token&gt; is needed." in body
    assert b"ssh -L 5730" in body
