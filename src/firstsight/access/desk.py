"""What verbs ask for: tokens, people, notes. Answered by the running service, or by the verb itself where none runs.

A question is a JSON object: `{"desk": ACT, "who": "local:USER", …}`. Secrets never come this way, only their hashes.
"""

import base64
from collections.abc import Mapping
from typing import Any

from firstsight.access.machines import Machines
from firstsight.access.people import People, Role
from firstsight.core.deeds import DEEDS, Deed
from firstsight.core.errors import InputError
from firstsight.core.times import rfc3339
from firstsight.ports import Clock, KeptPerson, KeptToken, Trail

Message = dict[str, Any]


class Desk:
    """Answers verbs.

    Args:
        machines: tokens.
        people: people.
        trail: where deeds are noted that are only told here.
        clock: the time.
    """

    def __init__(self, machines: Machines, people: People, trail: Trail, clock: Clock) -> None:
        self._machines = machines
        self._people = people
        self._trail = trail
        self._clock = clock

    def answer(self, question: Mapping[str, Any]) -> Message:
        """The answer, a JSON object.

        Raises:
            InputError: it can't be done, or is nothing that is done here.
            StoreError: it was not done.
        """
        try:
            act = question["desk"]
            found = self._looked_up(act, question)
            return self._done(act, question) if found is None else found
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                "The service does not know what it is asked for: is it of another version than the verb?"
            ) from error

    def _looked_up(self, act: str, given: Mapping[str, Any]) -> Message | None:
        """What a question is told; None where something is to be done."""
        match act:
            case "tokens":
                return {"tokens": [_token(token) for token in self._machines.all()]}
            case "token":
                digest = base64.b64decode(given["digest"])
                kept = next((token for token in self._machines.all() if token.digest == digest), None)
                if kept is None:
                    return {"token": None}
                over = kept.expires is not None and self._clock.now() >= kept.expires
                return {"token": _token(kept) | {"over": over}}
            case "users":
                return {"users": [_user(person) for person in self._people.all()]}
        return None

    def _done(self, act: str, given: Mapping[str, Any]) -> Message:
        name = given.get("name", "")
        match act:
            case "note" if given["what"] in DEEDS:
                self._trail.note(self._deed(given["what"], given, given["about"]))
            case "restored":
                self._people.log_out_all()
                self._trail.note(self._deed(act, given, given["about"]))
            case "token_added":
                digest, expires = base64.b64decode(given["digest"]), given["expires"]
                token = KeptToken(name, given["scopes"], digest, self._clock.now(), expires)
                self._machines.add(token, self._deed(act, given, f"{name} {token.scopes}"))
            case "token_revoked":
                self._machines.revoke(name, self._deed(act, given, name))
            case "user_added":
                role = Role(given["role"])
                self._people.add(name, role, given["password"], self._deed(act, given, f"{name} {role}"))
            case "user_password":
                self._people.set_password(name, given["password"], self._deed(act, given, name))
            case "user_role":
                role = Role(given["role"])
                self._people.set_role(name, role, self._deed(act, given, f"{name} {role}"))
            case "user_removed":
                self._people.remove(name, self._deed(act, given, name))
            case _:
                raise ValueError(act)
        return {}

    def _deed(self, what: str, given: Mapping[str, Any], about: str) -> Deed:
        return Deed(what, given["who"], self._clock.now(), about)


def _token(token: KeptToken) -> Message:
    return {
        "name": token.name,
        "scopes": token.scopes,
        "made": rfc3339(token.made),
        "expires": rfc3339(token.expires),
        "used": rfc3339(token.used),
    }


def _user(person: KeptPerson) -> Message:
    return {
        "name": person.name,
        "role": person.role,
        "made": rfc3339(person.made),
        "used": rfc3339(person.used),
        "issuer": person.issuer,
        "subject": person.subject,
    }
