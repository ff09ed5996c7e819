"""Plain torch for the chapters on words: sentences, their windows, and a network that learns."""

from __future__ import annotations

from core.lesson.generalising import network
from core.lesson.grammar import grammar
from core.text import PAPERS_SENTENCE


def sentences() -> str:
    """Lines that write the small language: `texts`, in three parts."""
    return f'''{grammar()}


from itertools import islice

texts = ["{PAPERS_SENTENCE}", *islice(sentences(), N_SENTENCES - 1)]
print(len(texts), texts[:4])

places = list(range(len(texts)))
random.Random(42).shuffle(places)
first, second = int(0.8 * len(texts)), int(0.9 * len(texts))
train_texts = [texts[place] for place in places[:first]]
val_texts = [texts[place] for place in places[first:second]]'''


# Lines that number the words and make examples of sentences.
WINDOWS = f'''words = ["."] + sorted({{word for text in texts for word in text.split()}})
number = {{word: index for index, word in enumerate(words)}}
n_context = {network.SIZES["block_size"]}  # words


def word_windows(texts):
    """Contexts (N, n_context) and the words that followed them (N,), both int64."""
    contexts, followed = [], []
    for text in texts:
        context = [0] * n_context
        for word in [*text.split(), "."]:
            contexts.append(context)
            followed.append(number[word])
            context = context[1:] + [number[word]]
    return torch.tensor(contexts), torch.tensor(followed)'''


# Lines that train the network on words.
TRAINING = f'''torch.set_num_threads(1)  # tensors so small only make threads wait for each other


def word_scores(parameters, X):
    """Logits (N, words) for contexts (N, n_context)."""
    C, W1, b1, W2, b2 = parameters
    return torch.tanh(C[X].flatten(1) @ W1 + b1) @ W2 + b2


def learn_words(
    texts, D={network.SIZES["n_embd"]}, seed=1, learns_C=True, steps={network.TRAINING["steps"]:_},
    batch_size={network.TRAINING["batch_size"]}, spread=1.0,
):
    X, Y = word_windows(texts)
    g = torch.Generator().manual_seed(seed)
    H, n = {network.SIZES["n_hidden"]}, len(words)
    shapes = (n, D), (n_context * D, H), (H,), (H, n), (n,)
    C, W1, b1, W2, b2 = parameters = [torch.randn(shape, generator=g) for shape in shapes]
    C *= spread
    W1 *= 5 / 3 / (n_context * D) ** 0.5
    b1 *= 0.01
    W2 *= 0.01
    b2 *= 0
    learned = parameters if learns_C else parameters[1:]
    for p in learned:
        p.requires_grad = True
    g = torch.Generator().manual_seed(seed)
    for step in range(steps):
        rows = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = F.cross_entropy(word_scores(parameters, X[rows]), Y[rows])
        gradients = torch.autograd.grad(loss, learned)
        for p, gradient in zip(learned, gradients):
            p.data -= {network.TRAINING["base_lr"]:g} * (1 - step / steps) * gradient
    return [p.detach() for p in parameters]


def next_words(parameters, beginning):
    """Probability of every word after this beginning, (words,)."""
    ids = [0] * n_context + [number[word] for word in beginning.split()]
    return F.softmax(word_scores(parameters, torch.tensor([ids[-n_context:]])), dim=1)[0]'''
