from firstsight.core.facts import Unavailable
from firstsight.lookups.offline import Offline


async def test_nobody_is_asked_and_nobody_waits() -> None:
    offline = Offline()
    fact = await offline.registration("harbour.com")
    assert fact == Unavailable("offline")
    assert fact.retry_at is None, "no queue grows: asking is not foreseen"
    assert (offline.server("harbour.com"), list(offline.servers("com"))) == ("", [])
    await offline.close()
