import pytest

from firstsight.core.process import program, unusual

SCRIPT_HOST = "a script host"
BORROWED = "a system tool that attackers borrow"
OFFICE = "an office program"
WRITABLE = "a program in a folder that any user can write"
PROGRAM_DATA = r"a program lying in C:\ProgramData itself"


@pytest.mark.parametrize(
    ("image", "name"),
    [
        (r"C:\Windows\System32\WScript.exe", "wscript.exe"),
        ("/usr/bin/curl", "curl"),
        ("powershell.exe", "powershell.exe"),
        ("<unknown process>", "<unknown process>"),
        ("", ""),
    ],
)
def test_a_programs_name(image: str, name: str) -> None:
    assert program(image) == name


@pytest.mark.parametrize(
    ("image", "what"),
    [
        (r"C:\Windows\System32\wscript.exe", SCRIPT_HOST),
        (r"C:\WINDOWS\SysWOW64\WindowsPowerShell\v1.0\PowerShell.EXE", SCRIPT_HOST),
        ("mshta.exe", SCRIPT_HOST),
        (r"C:\Windows\System32\rundll32.exe", BORROWED),
        (r"C:\Windows\System32\certutil.exe", BORROWED),
        (r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE", OFFICE),
        (r"C:\Users\eve\AppData\Local\Temp\7z\setup.exe", WRITABLE),
        (r"C:\Users\eve\Downloads\invoice.exe", WRITABLE),
        (r"C:\Users\Public\a.exe", WRITABLE),
        (r"C:\Users\eve\AppData\Roaming\svc\svc.exe", WRITABLE),
        (r"C:\PerfLogs\x.exe", WRITABLE),
        ("C:/Users/eve/Downloads/invoice.exe", WRITABLE),
        (r"C:\ProgramData\x.exe", PROGRAM_DATA),
        # ordinary ones
        (r"C:\ProgramData\Vendor\agent.exe", None),
        (r"C:\Program Files\Mozilla Firefox\firefox.exe", None),
        (r"C:\Users\eve\AppData\Local\Microsoft\Teams\current\Teams.exe", None),
        (r"C:\Users\eve\AppData\Roaming\Zoom\bin\Zoom.exe", None),
        (r"C:\Windows\System32\svchost.exe", None),
        ("", None),
    ],
)
def test_unusual_programs(image: str, what: str | None) -> None:
    assert unusual(image) == what
