"""Makes src/firstsight/data/randomness.msgpack: the model that says how machine-made a name looks.

    python tools/train_randomness.py ../shared/data 2026-11-24

The same data, date and numpy give the same table. Five models are trained without a fold of the data each, and score
what they have not seen: the calibration rests on those figures. The shipped model is trained on everything. What it
finds, and what else was tried, stands in docs/randomness.md (tools/evaluate_randomness.py). In the table are weights
of hashed runs of characters: no name and no word of the data.
"""

import argparse
from pathlib import Path

import numpy as np

from firstsight.core.namemodel import ZERO, Head, ModelTable, NameModel, pack_model
from namelab.corpus import CLEAN, TRANCO, Corpus
from namelab.linear import Linear
from namelab.training import NETWORKS_SHARE, NOBODY, RANDOM, WORD_MADE, HeldOut, Material, Trained, hold_out, train

OUT = Path(__file__).resolve().parents[1] / "src/firstsight/data/randomness.msgpack"

STRONG_SHARE, WEAK_SHARE = 0.001, 0.01
_FINEST = 0.13  # of weights up to about seven: a coarser step moves scores near a threshold, for finer ones is no room
SHARES = (0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999)

SOURCE = (
    "Ordinary names: the Tranco list of 2025-01-15 (tranco-list.eu), domains that stand in both Tranco and the Chrome "
    "UX Report, and hosts of the Chrome UX Report, as MISP's warning lists hold them. Machine-made names: output of "
    "public re-implementations of 32 domain generation algorithms, and families made up in tools/namelab/synthetic.py."
)
HOW = (
    "tools/train_randomness.py: logistic regression over hashed runs of characters, of their shapes, and over the "
    "label as a whole, and a small network over the label as a whole; two heads. "
    "Calibrated on names that the model had not seen: 0.1 % of those in both Tranco and Chrome UX reach strong of "
    "`random`, 1 % of Tranco's weak; 0.1 % and 1 % of Tranco's those of `words`."
)


def reached_by(figures: np.ndarray[tuple[int], np.dtype[np.float32]], share: float) -> float:
    """The figure that a share of names reaches."""
    return float(np.quantile(figures, 1 - share))


def packed(model: Linear, head: int, bias: float, weak: float, strong: float) -> Head:
    """A head with its weights as bytes; `bias` is the network's."""
    weights, share = model.weights[head], 1 - float(NETWORKS_SHARE[head])
    unit = max(_FINEST, float(np.abs(weights).max()) / 127)
    whole = (np.round(weights / unit) + ZERO).astype(np.uint8)
    return Head(float(model.biases[head]) * share + bias, unit * share, weak, strong, whole.tobytes())


def table(trained: Trained, held: HeldOut, corpus: Corpus, made: str) -> ModelTable:
    """The model, calibrated by what other models said of names they had not seen."""
    usual = trained.census.packed()
    clean, tranco = held.list(corpus.domains(CLEAN)), held.list(corpus.domains(TRANCO))
    network, biases = trained.net.shipped(NETWORKS_SHARE)
    strong = {RANDOM: clean, WORD_MADE: tranco}
    random, words = (
        packed(
            trained.linear,
            head,
            float(biases[head]),
            reached_by(tranco[:, head], WEAK_SHARE),
            reached_by(strong[head][:, head], STRONG_SHARE),
        )
        for head in (RANDOM, WORD_MADE)
    )
    scale = NameModel(ModelTable(SOURCE, made, HOW, random, words, network, usual, [], []))
    scores = [scale.calibrated(reached_by(clean[:, RANDOM], 1 - share)) for share in SHARES]
    return ModelTable(SOURCE, made, HOW, random, words, network, usual, list(SHARES), scores)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Train the randomness model.")
    arguments.add_argument("data", type=Path, help="folder that holds benign/ and dga/")
    arguments.add_argument("made", help="today, YYYY-MM-DD: goes into the file")
    given = arguments.parse_args()
    corpus = Corpus(given.data)
    material = Material.read(corpus)
    held = HeldOut.together(hold_out(material, ()))
    print(f"held out: {len(held.benign):,} ordinary labels, {len(held.families)} families")
    made = table(train(material, NOBODY), held, corpus, given.made)
    OUT.write_bytes(pack_model(made))
    print(
        f"{OUT}: {OUT.stat().st_size:,} bytes; raw figures: random {made.random.weak:.3f} and {made.random.strong:.3f},"
    )
    print(f"words {made.words.weak:.3f} and {made.words.strong:.3f}")


if __name__ == "__main__":
    main()
