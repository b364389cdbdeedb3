"""One base, few leaves: what a caller may tell apart. The sentence says what, to what, and what to do."""


class FirstsightError(Exception):
    """Something the operator should read; its text is a whole sentence, safe to print (no secret in it)."""


class SettingsError(FirstsightError):
    """The settings can't be used as written."""


class StoreError(FirstsightError):
    """The store could not be opened, read or written. Nothing that was asked for has been recorded."""


class StoreBusyError(StoreError):
    """Another process holds the store."""


class InputError(FirstsightError):
    """A file or a value handed in can't be used; nothing of it was taken."""


class ProviderError(FirstsightError):
    """The identity provider can't be asked, or what it says can't be used: nobody's fault who wants to log in."""


class RefusedError(FirstsightError):
    """Somebody is not let in; the text tells them why, and what they can do."""
