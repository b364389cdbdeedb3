"""Programs that seldom have a reason to ask for a domain nobody knows, by where and what their image is.

The lists are short on purpose: what administrators run all day stays out. Sources: the LOLBAS project's download and
execute functions, Elastic's and Sigma's DNS rules for what they gate on.
"""

_SCRIPT_HOSTS = frozenset("cscript.exe mshta.exe powershell.exe pwsh.exe wscript.exe cmd.exe".split())
_LOLBINS = frozenset(
    "bitsadmin.exe certreq.exe certutil.exe cmstp.exe control.exe desktopimgdownldr.exe esentutl.exe expand.exe "
    "forfiles.exe hh.exe ieexec.exe installutil.exe msbuild.exe msiexec.exe msxsl.exe odbcconf.exe regasm.exe "
    "regsvcs.exe regsvr32.exe rundll32.exe scriptrunner.exe wmic.exe xwizard.exe".split()
)
_OFFICE = frozenset(
    "eqnedt32.exe excel.exe msaccess.exe mspub.exe onenote.exe outlook.exe powerpnt.exe visio.exe winword.exe".split()
)
_USER_WRITABLE = (
    "\\appdata\\local\\temp\\",
    "\\appdata\\roaming\\",
    "\\downloads\\",
    "\\users\\public\\",
    "\\windows\\temp\\",
    "\\windows\\tasks\\",
    "\\perflogs\\",
    "\\$recycle.bin\\",
)
# Installed for one user, and signed and updated by their makers: browsers, meeting and chat programs.
_AT_HOME_IN_APPDATA = ("\\appdata\\roaming\\zoom\\bin\\", "\\appdata\\roaming\\spotify\\")


def program(image: str) -> str:
    """File name of an image path, lower case; Windows and POSIX separators."""
    return image.replace("/", "\\").rpartition("\\")[2].lower()


def is_listed(name: str) -> bool:
    """Whether a program's file name, in lower case, is one of those that are unusual by their name."""
    return name in _SCRIPT_HOSTS or name in _LOLBINS or name in _OFFICE


def unusual(image: str) -> str | None:
    """What is unusual about a program, in words for a sentence, or None.

    Args:
        image: the full path; with a bare file name, only the name can tell.
    """
    name = program(image)
    if name in _SCRIPT_HOSTS:
        return "a script host"
    if name in _LOLBINS:
        return "a system tool that attackers borrow"
    if name in _OFFICE:
        return "an office program"
    path = image.lower().replace("/", "\\")
    if path.startswith("c:\\programdata\\") and path.count("\\") == 2:  # noqa: PLR2004  # lies in it directly
        return "a program lying in C:\\ProgramData itself"
    if any(part in path for part in _USER_WRITABLE) and not any(part in path for part in _AT_HOME_IN_APPDATA):
        return "a program in a folder that any user can write"
    return None
