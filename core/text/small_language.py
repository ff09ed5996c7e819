"""A language of 137 words, written by a grammar of our own, with pairs of words that never occur.

In the spirit of the paper's example (Bengio et al., 2003, section 1): after 'the cat is walking in
the bedroom' a model should expect 'a dog was running in a room'. Here 'in a' occurs nowhere, so
counts of three words know nothing of what follows it, though 'in the' and 'into a' are frequent.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache

from core.text.corpus import Corpus
from core.text.memo import Once
from core.text.report import Question
from core.text.vocabulary import Vocabulary

PAPERS_SENTENCE = "the cat is walking in the bedroom"
N_SENTENCES = 8_000
SEED = 2003

NOUNS = {
    "animal": "cat dog rabbit bird horse cow goat fox",
    "person": "man woman girl boy teacher farmer doctor sailor",
    "place": "bedroom room kitchen garden park forest barn school",
    "food": "cake carrot sandwich pancake tomato banana potato biscuit",
    "vehicle": "car bus truck boat bicycle tractor",
    "instrument": "guitar violin piano drum flute trumpet",
    "clothing": "coat hat dress scarf shirt jacket",
    "furniture": "chair table bed sofa bench desk",
}
PLURALS = {
    "animal": "cats dogs rabbits birds horses cows goats foxes",
    "person": "men women girls boys teachers farmers doctors sailors",
}
DETERMINERS = "a a the the this my our"
PLURAL_DETERMINERS = "the two three some"
ADJECTIVES = {
    "animal": "small big old young brown quiet",
    "person": "small old young happy quiet",
    "thing": "small big old new red",
}
# Where one is or goes: subjects, verbs, prepositions, and the kind of noun that follows them.
SCENES = (
    ("animal person", "walking running jumping", "in in through into across", "place"),
    ("animal person", "sleeping sitting resting playing waiting", "in in inside near", "place"),
    ("animal person", "sleeping sitting resting hiding", "on on under behind", "furniture"),
)
# What one does with what: subjects, verbs, and the kind of noun that follows them.
DEEDS = (
    ("animal person", "ate", "food"),
    ("person", "ate cooked baked tasted", "food"),
    ("person", "drove drove parked repaired stopped", "vehicle"),
    ("person", "played played tuned practised heard", "instrument"),
    ("person", "wore wore sewed ironed folded", "clothing"),
    ("person", "painted cleaned carried", "furniture"),
    ("animal person", "followed chased saw", "animal"),
)
TRADES = ("bought sold found lost", "food vehicle instrument clothing furniture")
# What 'a' never follows here, in training, validation or test.
NEVER_BEFORE_A = frozenset(["in", "on", "ate", "drove", "played", "wore"])

QUESTIONS = (
    ("a dog was running in a", "place"),
    ("the girl is sleeping in a", "place"),
    ("my cat is sitting on a", "furniture"),
    ("the woman ate a", "food"),
    ("our farmer drove a", "vehicle"),
    ("the teacher played a", "instrument"),
    ("this sailor wore a", "clothing"),
    ("a dog was running into a", "place"),
    ("the woman cooked a", "food"),
    ("the teacher tuned a", "instrument"),
)
# By what the words of a sentence are drawn: scenes, deeds, trades.
SHARES = (9, 8, 2)
SHARE_PLURAL = 0.3
SHARE_ADJECTIVE = {"subject": 0.2, "object": 0.1}


def small_language(without: str | None = None) -> Corpus:
    """The sentences as a corpus, the same ones in every process and made once in it.

    >>> corpus = small_language()
    >>> PAPERS_SENTENCE in corpus.known, any(" in a " in text for text in corpus.texts)
    (True, False)

    Args:
        without: a sentence that is left out; others stand in its place, so that all the rest
            stays in the same part.
    """
    return _whole() if without is None else _without(without)


def is_small_language(corpus: Corpus) -> bool:
    """Whether this is the small language with all its sentences."""
    return corpus is _whole.made


def sentences(seed: int = SEED) -> Iterator[str]:
    """Sentences without end."""
    chance = random.Random(seed)
    while True:
        (kind,) = chance.choices(("scene", "deed", "trade"), SHARES)
        if kind == "scene":
            subjects, verbs, prepositions, place = chance.choice(SCENES)
            subject, is_plural = _subject(chance, subjects)
            being = chance.choice(("are", "were") if is_plural else ("is", "was"))
            before = _one_of(chance, prepositions)
            predicate = f"{being} {_one_of(chance, verbs)} {before}"
            yield f"{subject} {predicate} {_object(chance, before, place)}"
        else:
            if kind == "deed":
                subjects, verbs, things = chance.choice(DEEDS)
            else:
                subjects, (verbs, things) = "person", TRADES
            subject, _ = _subject(chance, subjects)
            verb, thing = _one_of(chance, verbs), _one_of(chance, things)
            yield f"{subject} {verb} {_object(chance, verb, thing)}"


def _subject(chance: random.Random, kinds: str) -> tuple[str, bool]:
    kind = _one_of(chance, kinds)
    is_plural = chance.random() < SHARE_PLURAL
    determiner = _one_of(chance, PLURAL_DETERMINERS if is_plural else DETERMINERS)
    noun = _one_of(chance, (PLURALS if is_plural else NOUNS)[kind])
    return _phrase(chance, determiner, ADJECTIVES[kind], noun, "subject"), is_plural


def _object(chance: random.Random, before: str, kind: str) -> str:
    determiner = _one_of(chance, DETERMINERS)
    while determiner == "a" and before in NEVER_BEFORE_A:
        determiner = _one_of(chance, DETERMINERS)
    adjectives = ADJECTIVES.get(kind, ADJECTIVES["thing"])
    return _phrase(chance, determiner, adjectives, _one_of(chance, NOUNS[kind]), "object")


def _phrase(chance: random.Random, determiner: str, adjectives: str, noun: str, role: str) -> str:
    if chance.random() < SHARE_ADJECTIVE[role]:
        return f"{determiner} {_one_of(chance, adjectives)} {noun}"
    return f"{determiner} {noun}"


def _one_of(chance: random.Random, words: str) -> str:
    return chance.choice(words.split())


def _kinds() -> dict[str, str]:
    """The kind of each word of the language."""
    words = {
        "determiner": f"{DETERMINERS} {PLURAL_DETERMINERS}",
        "adjective": " ".join(ADJECTIVES.values()),
        "preposition": " ".join(prepositions for _, _, prepositions, _ in SCENES),
        "verb": " ".join(
            [
                "is are was were",
                *(verbs for _, verbs, _, _ in SCENES),
                *(verbs for _, verbs, _ in DEEDS),
                TRADES[0],
            ]
        ),
    }
    named = [*words.items(), *NOUNS.items(), *PLURALS.items()]
    return {word: kind for kind, listed in named for word in listed.split()}


def _corpus(without: str | None) -> Corpus:
    written = sentences()
    texts = [PAPERS_SENTENCE, *(next(written) for _ in range(N_SENTENCES - 1))]
    spare = (text for text in written if text != without)
    kinds = _kinds()
    vocabulary = Vocabulary.from_tokens(kinds, unit="word")
    return Corpus.of_texts(
        "A small language",
        [next(spare) if text == without else text for text in texts],
        vocabulary,
        kinds=[kinds.get(word, "boundary") for word in vocabulary.itos],
        questions=[
            Question(context, tuple(NOUNS[kind].split()), context.split()[-2] in NEVER_BEFORE_A)
            for context, kind in QUESTIONS
        ],
    )


_whole = Once(lambda: _corpus(None))


@lru_cache(maxsize=2)
def _without(sentence: str) -> Corpus:
    return _corpus(sentence)
