"""Larkspur Instruments: its machines, its people, and what they ask for on an ordinary day. All of it is invented."""

from dataclasses import dataclass
from random import Random

SITE = "larkspur.lan"
NETBIOS = "LARKSPUR"

_PROGRAMS = r"C:\Program Files"
_SYSTEM = r"C:\Windows\System32"
CHROME = rf"{_PROGRAMS}\Google\Chrome\Application\chrome.exe"
EDGE = rf"{_PROGRAMS} (x86)\Microsoft\Edge\Application\msedge.exe"
FIREFOX = rf"{_PROGRAMS}\Mozilla Firefox\firefox.exe"
BROWSERS = (CHROME, EDGE, FIREFOX)
OUTLOOK = rf"{_PROGRAMS}\Microsoft Office\root\Office16\OUTLOOK.EXE"
WINWORD = rf"{_PROGRAMS}\Microsoft Office\root\Office16\WINWORD.EXE"
POWERSHELL = rf"{_SYSTEM}\WindowsPowerShell\v1.0\powershell.exe"
SVCHOST = rf"{_SYSTEM}\svchost.exe"
LSASS = rf"{_SYSTEM}\lsass.exe"
DEFENDER = r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24090.11-0\MsMpEng.exe"

SERVICES = {
    SVCHOST: r"NT AUTHORITY\NETWORK SERVICE",
    LSASS: r"NT AUTHORITY\SYSTEM",
    DEFENDER: r"NT AUTHORITY\SYSTEM",
}
"""Programs that run whoever is logged on, and as whom."""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine with a Wazuh agent. `user` is who works at it, domain first; nobody works at a server."""

    id: str
    name: str
    ip: str
    role: str
    user: str

    @property
    def computer(self) -> str:
        """Its full name, as its own event log writes it."""
        return f"{self.name}.{SITE}"


_STAFF = {
    "FIN": ("finance", 10, ("a.fenwick", "m.tarrant", "o.lindqvist", "s.abara")),
    "ENG": ("engineering", 20, (
        "j.moss", "r.oakley", "t.varga", "k.ishii", "d.brandt", "n.castell", "p.rowe", "e.sorel",
    )),
    "SAL": ("sales", 30, ("b.hartley", "c.nunes", "f.weaver", "g.dahl", "l.pryce")),
    "REC": ("reception", 40, ("h.quill", "v.marsh")),
    "OPS": ("operations", 50, ("i.thorne", "w.beck")),
    "SRV": ("server", 5, ("", "", "", "")),
}  # fmt: skip

HOSTS = tuple(
    Host(
        id=f"{number:03}",
        name=f"LSI-{short}-{seat:02}",
        ip=f"10.20.{net}.{10 + seat}",
        role=role,
        user=rf"{NETBIOS}\{user}" if user else "",
    )
    for number, (short, role, net, seat, user) in enumerate(
        (
            (short, role, net, seat, user)
            for short, (role, net, users) in _STAFF.items()
            for seat, user in enumerate(users, 1)
        ),
        start=1,
    )
)
DESKS = tuple(host for host in HOSTS if host.user)
BY_NAME = {host.name: host for host in HOSTS}

# Who asks for it, the names, and how much of an ordinary day they are, from often to seldom.
PLATFORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (SVCHOST, (
        "ctldl.windowsupdate.com", "settings-win.data.microsoft.com", "v10.events.data.microsoft.com",
        "www.msftconnecttest.com", "client.wns.windows.com", "fe3cr.delivery.mp.microsoft.com",
        "slscr.update.microsoft.com", "time.windows.com", "login.live.com", "licensing.mp.microsoft.com",
        "ocsp.digicert.com", "crl3.digicert.com", "ocsp.globalsign.com", "r3.o.lencr.org", "crl.microsoft.com",
    )),
    (DEFENDER, ("wdcp.microsoft.com", "definitionupdates.microsoft.com", "go.microsoft.com")),
    (OUTLOOK, (
        "outlook.office365.com", "login.microsoftonline.com", "nexusrules.officeapps.live.com",
        "autodiscover-s.outlook.com", "substrate.office.com", "officeclient.microsoft.com",
    )),
    (CHROME, (
        "www.google.com", "fonts.gstatic.com", "fonts.googleapis.com", "www.google-analytics.com",
        "update.googleapis.com", "www.youtube.com", "i.ytimg.com", "www.googletagmanager.com",
        "googleads.g.doubleclick.net", "redirector.gvt1.com", "optimizationguide-pa.googleapis.com",
        "static.cloudflareinsights.com", "cdn.jsdelivr.net", "use.typekit.net", "en.wikipedia.org",
        "www.linkedin.com", "github.com",
    )),
    (EDGE, (
        "www.bing.com", "edge.microsoft.com", "assets.msn.com", "ntp.msn.com", "config.edge.skype.com",
        "smartscreen.microsoft.com", "www.office.com", "static.licdn.com",
    )),
    (FIREFOX, (
        "firefox.settings.services.mozilla.com", "detectportal.firefox.com", "push.services.mozilla.com",
        "content-signature-2.cdn.mozilla.net",
    )),
)  # fmt: skip

INTERNAL = (
    f"dc01.{SITE}", f"files01.{SITE}", f"_ldap._tcp.dc._msdcs.{SITE}.", f"_kerberos._tcp.{SITE}", f"print01.{SITE}",
    f"erp.{SITE}", f"intranet.{SITE}", "wpad", "LSI-SRV-01", f"wpad.{SITE}", "isatap",
)  # fmt: skip

_PLACES = (
    "quillmere", "ashtarn", "velderby", "osterwick", "brackenholt", "thornmarsh", "wexcombe", "dunhollow",
    "larchfold", "merrowdale", "saltergate", "pennyfell", "corvenden", "hasselbrook", "tillerby", "rookhaven",
    "elmstrand", "fallowmoor", "garrowby", "hollinspool",
)  # fmt: skip
_TRADES = (
    "fasteners", "optics", "couriers", "bakery", "metalworks", "printing", "catering", "logistics", "calibration",
    "glassware", "travel",
)  # fmt: skip
_SUFFIXES = ("com", "com", "co.uk", "co.uk", "net", "org", "eu", "de")


def small_sites(rng: Random) -> list[str]:
    """Domains of suppliers, customers and shops around the corner; a couple of hundred, most asked for first."""
    domains = [
        f"{place}{rng.choice(('-', ''))}{trade}.{rng.choice(_SUFFIXES)}" for place in _PLACES for trade in _TRADES
    ]
    rng.shuffle(domains)
    return domains


_TENANTS = (
    "d1{}.cloudfront.net", "d3{}.cloudfront.net", "shop-{}.azureedge.net", "e{}.a.akamaiedge.net",
    "media-{}.akamaized.net", "{}.map.fastly.net", "{}.b-cdn.net",
)  # fmt: skip


def cdn_tenant(rng: Random) -> str:
    """A name as a CDN gives it to a customer: machine-made, and harmless as a rule."""
    return rng.choice(_TENANTS).format("".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=12)))


# When the real ones were registered, by year and no closer; the demo's registry answers with 1 June of it.
REAL_SINCE = {
    "cloudfront.net": 2008, "azureedge.net": 2014, "akamaiedge.net": 2002, "akamaized.net": 2013, "fastly.net": 2011,
    "b-cdn.net": 2016, "windowsupdate.com": 1998, "microsoft.com": 1991, "msftconnecttest.com": 2015,
    "windows.com": 1995, "live.com": 1994, "digicert.com": 1999, "globalsign.com": 1996, "lencr.org": 2020,
    "office365.com": 2003, "microsoftonline.com": 2001, "outlook.com": 1994, "office.com": 1999, "google.com": 1997,
    "gstatic.com": 2008, "googleapis.com": 2005, "google-analytics.com": 2005, "youtube.com": 2005, "ytimg.com": 2006,
    "googletagmanager.com": 2011, "doubleclick.net": 1996, "gvt1.com": 2008, "cloudflareinsights.com": 2019,
    "jsdelivr.net": 2012, "typekit.net": 2008, "wikipedia.org": 2001, "linkedin.com": 2002, "github.com": 2007,
    "bing.com": 1996, "msn.com": 1994, "skype.com": 2003, "licdn.com": 2009, "mozilla.com": 2003, "firefox.com": 2001,
    "mozilla.net": 1999,
}  # fmt: skip
