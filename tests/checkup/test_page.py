"""What a new reader does: the script of the page, a failing CNN and a small transformer, in ten lines."""

import contextlib
import io
import itertools
import re

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

from optnotes.checkup import checkup
from optnotes.site.words.text import LANGUAGES, ROOT


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_of_the_page_prints_what_the_page_shows(language):
    page = (ROOT / "docs" / language / "checkup.md").read_text("utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert len(script.strip().splitlines()) <= 10
    printed = io.StringIO()
    with torch.random.fork_rng(), contextlib.redirect_stdout(printed):
        exec(script, {})
    assert printed.getvalue().startswith(shown)


def digits():
    X, y = (torch.from_numpy(part) for part in load_digits(return_X_y=True))
    X = (X.float() / 16 - 0.3).reshape(-1, 1, 8, 8)
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=32, shuffle=True)


class Block(nn.Module):
    """As torchvision writes it: convolution, normalisation, ReLU, and a shortcut."""

    def __init__(self, before, after):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Conv2d(before, after, 1)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(out)) + self.downsample(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.layers = nn.Sequential(Block(8, 16), nn.MaxPool2d(2), Block(16, 16))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))

    def forward(self, x):
        return self.head(self.layers(self.stem(x)))


class Transformer(nn.Module):
    """Digits as eight tokens, read by PyTorch's own encoder."""

    def __init__(self):
        super().__init__()
        self.enter = nn.Linear(8, 32)
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        return self.head(self.encoder(self.enter(x.squeeze(1))).mean(1))


def trained(model, loader, rate=1e-3, steps=100):
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    passes = itertools.chain.from_iterable(loader for _ in range(steps))
    for x, y in itertools.islice(passes, steps):
        optimizer.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return optimizer


def forget_to_train(model):
    model.eval()


def scale_queries(model):
    with torch.no_grad():
        for layer in model.encoder.layers:
            layer.self_attn.in_proj_weight[:64] *= 30


@pytest.mark.parametrize("seed", range(4, 8))
@pytest.mark.parametrize(
    ("network", "spoil", "cause"),
    [
        (Net, None, None),
        (Net, forget_to_train, "eval-in-training"),
        (Transformer, None, None),
        (Transformer, scale_queries, "attention-sharp"),
    ],
)
def test_a_readers_network_is_told_its_cause(network, spoil, cause, seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        loader, model = digits(), network()
        if spoil:
            spoil(model)
        optimizer = trained(model, loader)
        report = checkup(model, functional.cross_entropy, loader, optimizer)
    assert [finding.cause for finding in report.findings][:1] == ([cause] if cause else [])
