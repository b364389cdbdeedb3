"""The model that says how machine-made a label looks: a table of weights, trained by tools/train_randomness.py.

Two voters, both trained as logistic regression is. One sums the weights of a label's runs (core/traits.py) and of the
label as a whole (core/bands.py), over a root of its length; the other is a small network (core/network.py). The sum of
both is a label's raw figure. It is then calibrated, so that two scores mean the same whatever model is shipped
(`STRONG`, `WEAK`).
"""

import math
import zlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter

from msgspec import DecodeError, Struct, json, msgpack, structs

from firstsight.core.bands import outline_places, usual_places
from firstsight.core.errors import InputError
from firstsight.core.network import Network, inputs
from firstsight.core.outline import outline
from firstsight.core.traits import PLACES, bounded, hashes, places_of, root
from firstsight.core.usual import PACKED, Usual

STRONG = 0.9
"""At or above this score are 0.1 % of clean ordinary names."""

WEAK = 0.5
"""At or above this score is 1 % of a popular list, clean or not."""

ZERO = 128
"""The byte that weighs nothing."""

_IDENTITY = 16  # hexadecimal digits

_STEEPNESS = math.log(STRONG / (1 - STRONG))


class Head(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the model's two questions.

    Attributes:
        bias: added to it.
        unit: what a weight of 1 in the table stands for.
        weak: the raw figure that becomes the score `WEAK`.
        strong: the one that becomes `STRONG`.
        weights: `PLACES` bytes, each a weight and `ZERO`.
    """

    bias: float
    unit: float
    weak: float
    strong: float
    weights: bytes


class ModelTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The model as it is shipped (`data/randomness.msgpack`).

    Attributes:
        source: what it was trained on.
        made: day of making, YYYY-MM-DD.
        how: how it was made.
        random: does it look random?
        words: does it look put together of words?
        network: the second voter on both.
        usual: how usual runs are among ordinary names (core/usual.py).
        shares: shares of ordinary names, rising, below 1.
        scores: for each share, the `random` score that so many ordinary names stay below.
    """

    source: str
    made: str
    how: str
    random: Head
    words: Head
    network: Network
    usual: bytes
    shares: list[float]
    scores: list[float]

    def identity(self) -> str:
        """What this model is told from others by: it changes with every weight."""
        return sha256(msgpack.encode(self)).hexdigest()[:_IDENTITY]


class SiteTable(Struct, frozen=True, forbid_unknown_fields=True):
    """What a site has taught (`firstsight train`).

    Attributes:
        made: when, RFC 3339.
        names: how many of its labels were learnt from.
        model: the `identity` of the model that it corrects.
        places: place in the table → what is taken off its weight, in raw figures; never negative.
    """

    made: str
    names: int
    model: str
    places: dict[int, float]


class NameModel:
    """Scores labels.

    Args:
        table: the shipped model.
        site: what this site has taught: place → what is taken off its weight.
    """

    __slots__ = ("_random", "_site", "_usual", "_words", "table")

    def __init__(self, table: ModelTable, site: Mapping[int, float] | None = None) -> None:
        self.table = table
        self._random, self._words = _Scorer(table.random), _Scorer(table.words)
        self._usual = Usual(table.usual)
        self._site = dict(site or {})

    def scores(self, label: str) -> tuple[float, float]:
        """How random-looking and how word-made a label is, each 0 to 1 in four places. Never raises.

        Args:
            label: lower case; any text will do.
        """
        text = bounded(label)
        hashed = hashes(text)
        looks, usual = outline(label), self._usual.held(text, hashed)
        found = [*places_of(text, hashed), *outline_places(looks), *usual_places(looks.length, usual)]
        random, words = self.table.network.figures(inputs(looks, usual))
        divisor = root(label)
        site = self._site
        taken_off = sum(site.get(place, 0.0) for place in found) / divisor if site else 0.0
        return self._random.score(found, divisor, random - taken_off), self._words.score(found, divisor, words)

    def calibrated(self, raw: float) -> float:
        """The score of a raw figure of the head `random`."""
        return self._random.calibrated(raw)

    def share_below(self, score: float) -> float:
        """The share of ordinary names that score lower, as far as it was measured: 0 to below 1."""
        at = bisect_right(self.table.scores, score)
        return self.table.shares[at - 1] if at else 0.0


class _Scorer:
    __slots__ = ("_bias", "_middle", "_slope", "_unit", "_weights")

    def __init__(self, head: Head) -> None:
        self._weights = head.weights
        self._unit, self._bias = head.unit, head.bias
        self._middle, self._slope = head.weak, _STEEPNESS / (head.strong - head.weak)

    def score(self, found: Sequence[int], divisor: float, more: float) -> float:
        # One call for all places: this is where the time goes, and there are a hundred of them.
        total = sum(itemgetter(*found)(self._weights)) - ZERO * len(found)
        raw = self._unit * total / divisor + self._bias + more
        return self.calibrated(raw)

    def calibrated(self, raw: float) -> float:
        return round(0.5 + 0.5 * math.tanh(self._slope * (raw - self._middle) / 2), 4)  # the logistic function


def pack_model(table: ModelTable) -> bytes:
    """The model as it is shipped: MessagePack, its tables compressed."""
    return msgpack.encode(_with_tables(table, lambda raw, _: _deflated(raw)))


def parse_model(raw: bytes) -> ModelTable:
    """Read the shipped model.

    Raises:
        InputError: it is damaged.
    """
    try:
        table = _with_tables(msgpack.decode(raw, type=ModelTable), _inflated)
    except (DecodeError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"The randomness model can't be read: {error}. Install firstsight anew.") from error
    for name, head in (("random", table.random), ("words", table.words)):
        if len(head.weights) != PLACES or not head.weak < head.strong:
            raise InputError(
                f"The randomness model is damaged: its head {name!r} holds {len(head.weights):,} weights of "
                f"{PLACES:,}, weak {head.weak}, strong {head.strong}. Install firstsight anew."
            )
    if len(table.usual) != PACKED:
        raise InputError(
            f"The randomness model is damaged: its counters of runs take {len(table.usual):,} bytes, not {PACKED:,}. "
            f"Install firstsight anew."
        )
    if not table.network.fits():
        raise InputError("The randomness model is damaged: its network's parts don't fit. Install firstsight anew.")
    if len(table.shares) != len(table.scores) or table.scores != sorted(table.scores):
        raise InputError("The randomness model is damaged: its shares don't fit its scores. Install firstsight anew.")
    return table


def _with_tables(table: ModelTable, changed: Callable[[bytes, int], bytes]) -> ModelTable:
    """A model with its large tables changed: `changed` takes one and its size in bytes."""
    random, words = (
        structs.replace(head, weights=changed(head.weights, PLACES)) for head in (table.random, table.words)
    )
    return structs.replace(table, random=random, words=words, usual=changed(table.usual, PACKED))


def _deflated(raw: bytes) -> bytes:
    """A table compressed. It repeats nothing, so codes for bytes are all there is to gain: RFC 1951 3.2.2."""
    packing = zlib.compressobj(9, strategy=zlib.Z_HUFFMAN_ONLY)
    return packing.compress(raw) + packing.flush()


def _inflated(raw: bytes, size: int) -> bytes:
    """A table as it was before it was compressed; a byte more than its size tells that it is too long."""
    return zlib.decompressobj().decompress(raw, size + 1)


def parse_site(raw: bytes, model: ModelTable) -> dict[int, float]:
    """Read what a site has taught: place → what is taken off its weight.

    Args:
        raw: the file that `firstsight train` wrote.
        model: the model in use.

    Raises:
        InputError: it is damaged, or corrects another model.
    """
    try:
        site = json.decode(raw, type=SiteTable)
    except (DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"What this site has taught can't be read: {error}. Run `firstsight train` again.") from error
    if site.model != model.identity():
        raise InputError(
            f"What this site has taught belongs to another randomness model ({site.model}; this version's is "
            f"{model.identity()} of {model.made}): it is left out, and its file stays. Run `firstsight train` again."
        )
    if any(not 0 <= place < PLACES or not 0 <= less < math.inf for place, less in site.places.items()):
        raise InputError(
            "What this site has taught is damaged: a figure is out of bounds. Run `firstsight train` again."
        )
    return site.places
