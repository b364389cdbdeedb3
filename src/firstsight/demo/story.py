"""What is not ordinary about the last day: the things an analyst should find, and some that only look like them."""

from random import Random

from firstsight.demo import company
from firstsight.demo.company import BY_NAME
from firstsight.demo.traffic import ANSWERED, NO_NAME, Question, address

DAY = 86400.0
HOUR = 3600.0

PHISH = "larkspur-invoices-portal.com"
LURE = "login.larkspur-invoices-portal.com"
YOUNG = "veldersby-clearance.com"
ALTERNATIVE = "qorvenmarket.bit"
HONEST = (
    "tolvenbridge-heritage.org", "marrowick-cycling.co.uk", "sundrefeld-pottery.com", "ottermere-allotments.org",
    "fennimoor-ceramics.net", "lindholtguesthouse.de",
)  # fmt: skip
DROPPED = r"C:\Users\r.oakley\AppData\Roaming\Keldra\kelsvc.exe"
WALLET = r"C:\Users\t.varga\AppData\Local\Programs\QorvenDesk\qorvendesk.exe"
GENERATED_SUFFIXES = ("com", "net", "info")

INDICATORS = {PHISH: ("Letters with a supplier's new bank account", 1.5 * DAY)}
"""Domain → the title of the OTX pulse that names it, and how old that is at the end of the day."""

TWICE = frozenset({LURE})
"""Asked once, but the manager gets the event by two roads (an agent that sends again after a broken connection)."""

CLOCKS_AHEAD = {"LSI-REC-02": 3 * HOUR}
"""Host → seconds by which its clock runs ahead on the last day."""


def generated_names(rng: Random, count: int = 62) -> list[str]:
    """Names as a domain generation algorithm makes them: letters at random, few vowels, three suffixes."""
    letters = "bcdfghjkmnpqrtvwxz" * 2 + "aeiouy"
    names = ("".join(rng.choices(letters, k=rng.randint(13, 19))) for _ in range(count))
    return [f"{name}.{rng.choice(GENERATED_SUFFIXES)}" for name in names]


def infection(rng: Random, end: float) -> tuple[list[Question], dict[str, float]]:
    """A bot looks for its master for an hour, ending two hours ago: most names lead nowhere, two do.

    Returns:
        Its questions, and the registrations of the two.
    """
    host = BY_NAME["LSI-ENG-02"]
    names = generated_names(rng)
    live = {names[23]: end - 6.4 * DAY, names[51]: end - 212 * DAY}
    at = end - 3 * HOUR
    asked = []
    for name in names:
        at += rng.uniform(20, 90)
        found = name in live
        asked.append(
            Question(at, host, DROPPED, name, ANSWERED if found else NO_NAME, "::ffff:203.0.113.66;" if found else "")
        )
    return asked, live


def phishing(end: float) -> tuple[list[Question], dict[str, float]]:
    """A letter with a link to a domain three days old that looks like the company's; then it fetches more."""
    host = BY_NAME["LSI-FIN-02"]
    at = end - 5 * HOUR
    answers = "::ffff:198.51.100.23;"
    return [
        Question(at, host, company.WINWORD, LURE, answers=answers),
        Question(at + 48, host, company.POWERSHELL, f"cdn.{PHISH}", answers=answers),
        Question(at + 52, host, company.POWERSHELL, f"cdn.{PHISH}", "9701"),
    ], {PHISH: end - 3.2 * DAY}


def curiosities(rng: Random, end: float) -> tuple[list[Question], dict[str, float]]:
    """What else is new today: old domains nobody here knew, a young shop, an alternative root, new CDN tenants."""
    asked: list[Question] = []
    registered = {domain: end - rng.uniform(2 * 365, 15 * 365) * DAY for domain in HONEST}
    registered[YOUNG] = end - 20.3 * DAY
    readers = [host for host in company.DESKS if host.role != "engineering"]
    for domain in (*HONEST, YOUNG):
        host, at = rng.choice(readers), end - rng.uniform(0.4, 9) * HOUR
        browser = rng.choice(company.BROWSERS)
        asked += [
            Question(at, host, browser, f"www.{domain}", answers=address(rng)),
            Question(at + 0.3, host, browser, domain, "9701"),
        ]
    wallet = BY_NAME["LSI-ENG-03"]
    asked.append(Question(end - 0.7 * HOUR, wallet, WALLET, f"api.{ALTERNATIVE}", answers=address(rng)))
    asked += [
        Question(
            end - rng.uniform(0.2, 10) * HOUR,
            rng.choice(readers),
            rng.choice(company.BROWSERS),
            company.cdn_tenant(rng),
            answers=address(rng),
        )
        for _ in range(25)
    ]
    return asked, registered
