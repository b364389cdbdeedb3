"""Names of people, and events that name them wherever evidence can."""

from hypothesis import strategies as st

from firstsight.core.events import Process

# Letters that stand for themselves in any case: what is looked for must not be in a file anyway.
_LETTERS = st.characters(categories=["Ll", "Lu"], exclude_characters="ßŉıǰΐΰևẖẗẘẙẚ", max_codepoint=0x52F)
names = st.builds(
    lambda first, last: f"{first}qwzj.zqxk{last}",
    st.text(_LETTERS, min_size=1, max_size=6),
    st.text(_LETTERS, min_size=1, max_size=6),
)
"""Persons' names, which nothing of ours holds."""

_USERS = (r"CORP\{}", "{}@corp.example", r"MicrosoftAccount\{}@example.com", "{}", r"{}-PC\{}")
_PATHS = (
    r"C:\Users\{}\AppData\Local\Temp\x.exe", r"C:\\Users\\{}\\x.exe", r"C:\Users\{}.CORP\x.exe",
    r"\\files\home$\{}\x.exe", r"D:\work\{}\x.exe", r"D:\work\{}-setup.exe", r"D:\{}.exe", "/home/{}/bin/x",
    r"C:\Users\Public\{}\powershell.exe",
)  # fmt: skip


def _cased(name: str, how: int) -> str:
    """A name in another case, letter by letter, as Windows compares them."""
    turned = [letter.upper() if how == 1 else letter.lower() if how == 2 else letter for letter in name]
    return "".join(new if len(new) == 1 else old for old, new in zip(name, turned, strict=True))


def processes(name: str) -> st.SearchStrategy[Process]:
    """Processes that name a person, in any case."""
    how = st.integers(0, 2)
    return st.builds(
        lambda user, path, first, second: Process(
            path.replace("{}", _cased(name, first)), "{1}", "7", user.replace("{}", _cased(name, second))
        ),
        st.sampled_from(_USERS),
        st.sampled_from(_PATHS),
        how,
        how,
    )


def names_somebody(text: str, name: str) -> bool:
    """Whether a name, or the better part of it, stands in a text."""
    plain = text.casefold()
    return any(part.casefold() in plain for part in (name, *name.split(".")))
