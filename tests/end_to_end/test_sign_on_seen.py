"""Logging in by an identity provider of another site in a real browser, with no script: what policies let through."""

import socket
from pathlib import Path

import pytest

from browser import CHROMIUM, chromium
from running import running
from servers.provider import CLIENT, SECRET, Provider

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium"),
]


def free_port() -> int:
    """The provider must be told it before the service listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_somebody_logs_in_and_out(tmp_path: Path) -> None:
    secret, port = tmp_path / "secret", free_port()
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with Provider("localhost") as provider, chromium() as browser:  # another site than 127.0.0.1, to a browser
        provider.with_page = True
        oidc = {
            "issuer": provider.issuer,
            "name": "Example SSO",
            "client_id": CLIENT,
            "client_secret_file": str(secret),
            "roles": {"soc-analysts": "analyst"},
        }
        url = f"http://127.0.0.1:{port}"
        with running(tmp_path, listen=f"127.0.0.1:{port}", oidc=oidc, web={"public_url": url}):
            context = browser.new_context(java_script_enabled=False)
            page = context.new_page()
            amiss: list[str] = []
            page.on("console", lambda said: amiss.append(said.text) if said.location["url"].startswith(url) else None)
            page.goto(f"{url}/login?next=/ui/alerts")
            page.get_by_role("link", name="Log in with Example SSO").click()
            assert page.url.startswith(f"{provider.url}/authorize?")
            page.get_by_role("button", name="I am Jane").click()
            page.wait_for_url(f"{url}/ui/alerts")
            assert page.get_by_role("link", name="Alerts").first.is_visible()
            names = {kept["name"]: kept for kept in context.cookies()}
            assert set(names) == {"firstsight"}
            assert names["firstsight"]["httpOnly"]

            page.goto(f"{url}/login")
            assert page.get_by_text("You are oidc:jane (analyst).").is_visible()
            page.get_by_role("button", name="Log out", exact=True).click()
            page.get_by_role("link", name="Log out of Example SSO too").click()
            assert page.get_by_text("You are logged out of everything.").is_visible()
            assert context.cookies(url) == []
            assert amiss == []

            # And where the provider knows the browser, nobody has to do anything there.
            provider.with_page = False
            page.goto(f"{url}/login")
            page.get_by_role("link", name="Log in with Example SSO").click()
            page.wait_for_url(f"{url}/ui/")
