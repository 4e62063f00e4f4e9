"""
Gradients through time in a tanh network and in an LSTM.

Prediction: the tanh network vanishes or explodes at the mean-field rate, and with saturating inputs it vanishes
although its weights are as large; the direct path of the LSTM falls by the sigmoid of the forget bias at every step
and never grows. Measured: the norm of the gradient of random direction over time, for random weights and inputs.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import sigmoid, tanh, tanh_derivative
from optnotes.gradients import gradient_gain, lstm_direct_path, lstm_step, rnn_jacobian_bound, variance_step
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, STEPS = 20, 100, 50
RNN = {"large": (3.0, 0.5), "saturated": (3.0, 6.0), "small": (0.7, 0.5)}  # scale of the weights, of the inputs
LSTM_N, LSTM = 24, {"large": (6.0, 0.0), "remembers": (0.5, 2.0), "fresh": (0.5, 0.0)}  # scale, forget bias


@dataclass(frozen=True)
class Result:
    """Norms of shape (time steps, seeds) by setting; bases of the tanh network's bound, one per seed."""

    rnn: dict[str, Tensor]
    bases: dict[str, Tensor]
    lstm: dict[str, Tensor]
    direct: dict[str, Tensor]


def rnn_rate(scale: float, drive: float) -> float:
    """Predicted logarithm of the growth per step, from the fixed point of the variance."""
    q = torch.tensor(1.0, dtype=torch.float64)
    for _ in range(100):
        q = variance_step(q, tanh, scale**2, drive**2)
    return gradient_gain(q, tanh_derivative, scale**2).log().item() / 2


def run_rnn(scale: float, drive: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Norms of the Jacobian over the root of the size, and the bases of the bound."""
    weight = torch.randn(SEEDS, N, N, generator=generator, dtype=torch.float64) * scale / math.sqrt(N)
    h = torch.zeros(SEEDS, N, 1, dtype=torch.float64)
    jacobian, norms = torch.eye(N, dtype=torch.float64).expand(SEEDS, N, N), []
    for step in range(-20, STEPS):
        z = weight @ h + drive * torch.randn(SEEDS, N, 1, generator=generator, dtype=torch.float64)
        h = tanh(z)
        if step >= 0:  # after a warm-up
            jacobian = tanh_derivative(z) * torch.bmm(weight, jacobian)
            norms.append(torch.linalg.matrix_norm(jacobian) / math.sqrt(N))
    return torch.stack(norms), torch.stack([rnn_jacobian_bound(each, 1.0, 1) for each in weight])


def run_lstm(scale: float, bias: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Norms of the whole derivative of the memory and of its direct path, over the root of the size."""
    n, state = LSTM_N, torch.zeros(SEEDS, 2 * LSTM_N, dtype=torch.float64)
    weights = torch.randn(SEEDS, 4, n, n, generator=generator, dtype=torch.float64) * scale / math.sqrt(n)
    biases, no_input = torch.tensor([0.0, bias, 0.0, 0.0]).double()[:, None], torch.zeros(4, n, 1).double()

    def step(state: Tensor, u: Tensor, drive: Tensor) -> Tensor:
        return torch.cat(lstm_step(no_input[0, 0], state[:n], state[n:], no_input, u, biases + drive))

    copied = torch.func.vmap(torch.func.vmap(step, in_dims=(0, None, None)))
    jacobian, norms, forgets = torch.eye(2 * n, dtype=torch.float64).expand(SEEDS, 2 * n, 2 * n), [], []
    for _ in range(STEPS):
        drive = 0.5 * torch.randn(SEEDS, 4, n, generator=generator, dtype=torch.float64)
        copies = state[:, None].repeat(1, 2 * n, 1).requires_grad_()  # one for each row of the Jacobian
        after = copied(copies, weights, drive)
        (rows,) = torch.autograd.grad(after.diagonal(dim1=1, dim2=2).sum(), copies)
        jacobian = torch.bmm(rows, jacobian)
        norms.append(torch.linalg.matrix_norm(jacobian[:, n:, n:]) / math.sqrt(n))
        forgets.append(sigmoid(torch.einsum("sij,sj->si", weights[:, 1], state[:, :n]) + biases[1] + drive[:, 1]))
        state = after[:, 0].detach()
    paths = [lstm_direct_path(torch.stack(forgets[:t]).flatten(1)).view(SEEDS, n) for t in range(1, STEPS + 1)]
    return torch.stack(norms), torch.stack(paths).norm(dim=-1) / math.sqrt(n)


def compute() -> Result:
    """Follow the gradient through both networks in every setting."""
    generator = torch.Generator().manual_seed(32)
    rnn = {key: run_rnn(*setting, generator) for key, setting in RNN.items()}
    lstm = {key: run_lstm(*setting, generator) for key, setting in LSTM.items()}
    return Result(*({key: run[i] for key, run in runs.items()} for runs in (rnn, lstm) for i in (0, 1)))


def numbers(result: Result) -> dict[str, float | int]:
    """Growth per step with its prediction, and typical norms after all steps."""
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS}
    for key, setting in RNN.items():
        found[f"rnn_{key}"] = math.exp(result.rnn[key][-1].log().mean().item() / STEPS)
        found[f"rnn_{key}_predicted"] = math.exp(rnn_rate(*setting))
        found[f"rnn_{key}_base"] = result.bases[key].min().item()
    for key, (_, bias) in LSTM.items():
        found[f"lstm_{key}"] = result.lstm[key][-1].log().mean().exp().item()
        found[f"lstm_{key}_direct"] = result.direct[key][-1].log().mean().exp().item()
        found[f"lstm_{key}_fade"] = (1 + math.exp(-bias)) ** -STEPS
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Norm of the gradient against the time steps back: the tanh network above, the LSTM below."""
    drawn, panels = new_figure(nrows=2, figsize=(5.6, 6.2), sharex=True)
    steps, looks = torch.arange(1, STEPS + 1), ("red", "violet", "blue")
    theory = {key: (rnn_rate(*setting) * steps).exp() for key, setting in RNN.items()}
    direct = {key: norms.median(-1).values for key, norms in result.direct.items()}
    both = (("rnn", result.rnn, theory), ("lstm", result.lstm, direct))
    for axes, (name, runs, beside) in zip(panels, both, strict=True):
        for (key, norms), look, style in zip(runs.items(), looks, ("-", "--", "-."), strict=True):
            colour = getattr(theme, look)
            low, middle, high = norms.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
            axes.fill_between(steps, low, high, color=colour, alpha=0.25, linewidth=0)
            axes.plot(steps, middle, color=colour, linestyle=style)
            if name == "rnn":
                axes.plot(steps[7::8], beside[key][7::8], color=theme.ink, marker="o", markersize=3.5, linestyle="none")
            else:
                axes.plot(steps, beside[key], color=colour, linestyle=":", linewidth=1.2)
            axes.text(STEPS + 1, middle[-1], text(f"{name}.{key}"), color=colour, va="center", fontsize=9)
        axes.set(title=text(f"title.{name}"), yscale="log", ylim=(1e-17, 1e15), xlim=(0, STEPS * 1.45))
        axes.set_xticks(range(0, STEPS + 1, STEPS // 4))
    panels[0].plot([], [], color=theme.ink, marker="o", markersize=3.5, linestyle="none", label=text("theory"))
    panels[1].plot([], [], color=theme.ink, linestyle=":", linewidth=1.2, label=text("direct"))
    for axes in panels:
        axes.legend(fontsize=9, loc="upper left")
    panels[1].set_xlabel(text("steps"))
    return drawn
