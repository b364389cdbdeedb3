from firstsight.web.plain import HTML
from firstsight.web.ui.refused import refusal


def test_it_says_why_and_what_to_do() -> None:
    body, kind = refusal(401, "Unauthorized", "A <token> is needed.")
    assert kind == HTML
    assert b"A &lt;token&gt; is needed." in body
    assert b"ssh -L 5730" in body
