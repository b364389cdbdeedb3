"""What is amiss with registries, in a sentence for /readyz and notices."""

from firstsight.core.facts import Registration
from firstsight.lookups.fresh import Fresh

_NAMED = 5


def registries_amiss(fresh: Fresh[Registration]) -> str | None:
    """A sentence while no registry answers, or one of them refuses us, else None."""
    why = fresh.failing()
    if why is not None:
        return (
            f"The last questions to registries failed ({why}): alerts leave without ages, which follow once they are "
            f"known. Can this machine reach the registries' RDAP servers (HTTPS)?"
        )
    unwilling = fresh.unwilling()
    if unwilling:
        return (
            f"Registries refuse our questions again and again ({', '.join(unwilling[:_NAMED])}): their domains' ages "
            f"come late. They are asked more and more seldom; if it lasts, lower `registration.rate`."
        )
    return None
