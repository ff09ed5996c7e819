"""Chapter 13: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.code import rates
from core.models import SATURATED

CHAPTER = Chapter(
    slug="beyond",
    title="Beyond the tutorial",
    see="Compare the first loss and the saturated units of both weights; then run experiments, one "
    "change at a time.",
    paragraphs=(
        "The tutorial ends at a loss of 2.35, the lecture it follows at 2.17. Between them lie "
        "more [[hidden units]], larger [[embedding|embeddings]] and more steps. Each is an "
        "experiment here. Change one thing at a time, from the same [[seed]], or you can’t say "
        "what helped. And choose by the [[validation loss]]: the tutorial measures its loss on the "
        "names that it learned from, so it can’t see a model that [[overfit|overfits]]. The [[test "
        "loss]] is for one last look at the model that was chosen.",
        "The tutorial also starts badly. A model that knows nothing should give every character "
        "the same probability, a loss of [[uniform|ln V]]. With weights from N(0, 1) the logits "
        "are large: it is sure and wrong. Over 200 seeds its loss on the tutorial’s 32 examples "
        "starts at 11 to 24, and at 18 to 35 with the lecture’s sizes. The sums that go into "
        "[[tanh]] are large too, the more so the larger the [[fan-in]], so that many units are "
        "[[saturated]]: hardly any gradient comes through them. Scaled weights mend the first (W2 "
        "times 0.01, b2 zero) and ease the second (W1 times 5/3 over the root of the fan-in, b1 "
        "times 0.01).",
        "Counting is ahead of both: [[Kneser–Ney]] gets to 1.96. The last experiment puts together "
        "what works: eight characters of context, 300 units, scaled weights, and a rate that falls "
        "in a straight line to 0. Two things keep it from learning the names by heart: weight "
        "decay pulls every weight a little towards 0, and dropout leaves out one unit in twenty at "
        "random. In about a minute it gets to 1.96 too, with 66,675 numbers in place of 118,970 "
        "counts. One more character of context costs it D · H weights, and multiplies the cells of "
        "a table by V. And no count knows that one word is like another, which decides where there "
        "are 17,000 of them. You needn’t choose, though: the mean of both [[probabilities]] gets "
        "to 1.92, better than either, because they err in different places. That’s what the paper "
        "itself found.",
    ),
    question="You try fifty settings and keep the one with the lowest validation loss. May you "
    "promise that loss for new names?",
    answer="Not quite. The validation loss of each setting is partly luck, and the lowest of fifty "
    "is the one with the most of it: by choosing, you have fitted the settings to the validation "
    "names. That is what the test names are for. They took no part in learning or choosing, so "
    "their loss is honest, but only for as long as you look once: whoever goes on choosing "
    "by the test loss has made it a second validation loss.",
)


def code(config: RunConfig) -> Code:
    """Both kinds of initial weights before the first step, and training from the scaled ones.

    Args:
        config: sizes and seed; its steps, schedule and batch size are those of the training.
    """
    training = config.training
    return Code(
        ("five_names", "split", "training"),
        f"""def draw():
    g = torch.Generator().manual_seed(seed)
    shapes = (V, D), (T * D, H), (H,), (H, V), (V,)
    return [torch.randn(shape, generator=g) for shape in shapes]

normal, scaled = draw(), draw()
scaled[1] *= 5 / 3 / (T * D) ** 0.5  # W1, by tanh's gain over the root of the fan-in
scaled[2] *= 0.01  # b1
scaled[3] *= 0.01  # W2: no character is favoured at first
scaled[4] *= 0  # b2

saturated, first_losses = [], []
for weights in normal, scaled:
    hidden = torch.tanh(weights[0][X].view(len(X), T * D) @ weights[1] + weights[2])
    saturated.append((hidden.abs() > {SATURATED}).float().mean().item())
    first_losses.append(mean_loss(weights, X, Y))
    print(f"first loss {{first_losses[-1]:.4f}}, saturated {{saturated[-1]:.1%}}")

schedule = {rates(training.lr_schedule, training.steps)}
scaled_losses = train(scaled, X_train, Y_train, schedule, batch_size={training.batch_size})
train_loss = mean_loss(scaled, X_train, Y_train)
val_loss = mean_loss(scaled, X_val, Y_val)  # to choose settings by; X_test is for the end
print(f"training loss {{train_loss:.4f}}, validation loss {{val_loss:.4f}}")""",
    )
