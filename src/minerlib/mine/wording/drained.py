"""Drain, the tree that finds templates (He, Zhu, Zheng, Lyu, "Drain", ICWS 2017), as drain3 has it, bounded."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from minerlib.errors import MineError
from minerlib.mine.wording.masks import MASK

SIMILAR, DEPTH, CHILDREN = 0.6, 4, 100  # chosen on twelve data sets of loghub; docs/benchmarks.md has the figures
WORDS = 4  # different words in one place that are still told apart
VARIANTS = 50  # masked messages of a template that are kept to see this
REMEMBERED = 200_000  # masked messages whose template is known without asking the tree


class Drained:
    """Masked messages, put one after another into a tree that keeps at most `most` templates.

    Where more are wanted, those not used for the longest are forgotten. The same messages in the same order give the
    same templates.
    """

    def __init__(self, most: int) -> None:
        self._tree = _tree()(
            depth=DEPTH, sim_th=SIMILAR, max_children=CHILDREN, max_clusters=most, param_str=MASK
        )  # fmt: skip
        self._known: dict[str, int] = {}
        self._variants: dict[int, set[str] | None] = {}

    def add(self, messages: Iterable[str]) -> list[int]:
        """The template's number of each message, in order."""
        return [self._add(message) for message in messages]

    def varied(self, number: int) -> bool:
        """Whether it has more masked messages than are told apart."""
        return self._variants.get(number) is None

    @property
    def made(self) -> int:
        """How many templates there ever were."""
        return self._tree.clusters_counter

    @property
    def alive(self) -> set[int]:
        return {cluster.cluster_id for cluster in self._tree.clusters}

    def find(self, message: str) -> int | None:
        """The template of a message, nothing changed by asking."""
        known = self._known.get(message)
        if known is not None and known in self._tree.id_to_cluster:
            return known
        found = self._tree.match(message, "fallback")
        return None if found is None else found.cluster_id

    def named(self, number: int) -> "Words":
        """What a template reads, and which of its places are words told apart."""
        tokens: Sequence[str] = self._tree.id_to_cluster.get(number).log_template_tokens
        variants = self._variants.get(number)
        if variants is None or len(variants) < 2:
            return Words(tokens, ())
        rows = [variant.split() for variant in sorted(variants)]
        places = [n for n, token in enumerate(tokens) if token == MASK and _few({row[n] for row in rows})]
        return Words(tokens, tuple(places))

    def _add(self, message: str) -> int:
        known = self._known.get(message)
        if known is not None and known in self._tree.id_to_cluster:
            self._tree.id_to_cluster[known]  # so that it counts as used
            return known
        number: int = self._tree.add_log_message(message)[0].cluster_id
        variants = self._variants.setdefault(number, set())
        if variants is not None:
            variants.add(message)
            if len(variants) > VARIANTS:
                self._variants[number] = None
        if len(self._variants) > 2 * len(self._tree.clusters) + 100:
            alive = self.alive
            self._variants = {number: kept for number, kept in self._variants.items() if number in alive}
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[message] = number
        return number


class Words:
    """A template's words; `places` are those where few different words stand, each of which makes a template."""

    def __init__(self, tokens: Sequence[str], places: tuple[int, ...]) -> None:
        self.tokens = tuple(tokens)
        self.places = places

    def of(self, message: str | None) -> str:
        """The template as it reads for this masked message."""
        if message is None or not self.places:
            return " ".join(self.tokens)
        said = message.split()
        return " ".join(said[n] if n in self.places else token for n, token in enumerate(self.tokens))


def _few(words: set[str]) -> bool:
    """Whether these are a few words ("Accepted", "Failed") and not values (a number in them, or something masked)."""
    return len(words) <= WORDS and not any(MASK in word or any(map(str.isdigit, word)) for word in words)


@cache
def _tree() -> Any:
    """drain3's tree, with likeness by the words alone.

    There, a place that varies counts as unlike, so that a message of many numbers and few words never meets its own
    template again. Here likeness is the share of the template's words that the message has.
    """
    try:
        from drain3.drain import Drain
    except ImportError:
        raise MineError("Log templates need drain3: pip install 'minerlib[lab]'.") from None

    class Tree(Drain):
        def get_seq_distance(self, seq1: Sequence[str], seq2: Sequence[str], include_params: bool) -> tuple[float, int]:
            vary = sum(token == self.param_str for token in seq1)
            same = sum(a == b and a != self.param_str for a, b in zip(seq1, seq2, strict=True))
            if include_params:
                return (same + vary) / (len(seq1) or 1) if seq1 else 1.0, vary
            if len(seq1) == vary:  # it says nothing but how many words: like anything, and less than what is like
                return (self.sim_th if seq1 else 1.0), vary
            return same / (len(seq1) - vary), vary

    return Tree
