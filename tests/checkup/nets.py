"""Small networks of every kind that a check-up has to read, written as a reader would write them."""

import itertools

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    """A transformer block for digits as eight tokens of eight pixels, with the logits divided by √d or not."""

    def __init__(self, width=32, heads=4, blocks=2, classes=10, scale=True, dropout=0.0):
        super().__init__()
        self.enter = nn.Linear(8, width)
        self.place = nn.Parameter(0.1 * torch.randn(8, width))
        self.blocks = nn.ModuleList(Block(width, heads, scale, dropout) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        h = self.enter(x) + self.place
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h).mean(1))


class Block(nn.Module):
    def __init__(self, width, heads, scale, dropout):
        super().__init__()
        self.heads, self.scale = heads, scale
        self.one, self.two = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = (part.reshape(n, t, self.heads, -1).transpose(1, 2) for part in self.qkv(self.one(x)).chunk(3, -1))
        logits = q @ k.transpose(-1, -2)
        if self.scale:
            logits = logits / (d // self.heads) ** 0.5
        mixed = (logits.softmax(-1) @ v).transpose(1, 2).reshape(n, t, d)
        x = x + self.dropout(self.out(mixed))
        return x + self.dropout(self.down(functional.gelu(self.up(self.two(x)))))


class Recurrent(nn.Module):
    """Digits read row by row, or pixel by pixel, by an RNN, LSTM or GRU; the last state answers."""

    def __init__(self, kind="LSTM", step=8, width=32, classes=10):
        super().__init__()
        self.step = step
        self.cell = getattr(nn, kind)(step, width, batch_first=True)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        states, _ = self.cell(x.reshape(len(x), -1, self.step))
        return self.head(states[:, -1])


class Tied(nn.Module):
    """A tiny language model whose output layer is its embedding."""

    def __init__(self, tokens=20, width=16):
        super().__init__()
        self.embedding = nn.Embedding(tokens, width)
        self.mix = nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(width, tokens, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, x):
        return self.head(self.mix(self.embedding(x))[0])


def mlp(sizes, activation=nn.ReLU, norm=None, dropout=0.0):
    """Layers with what stands between them."""
    layers = []
    for index, (a, b) in enumerate(itertools.pairwise(sizes)):
        layers.append(nn.Linear(a, b))
        if index < len(sizes) - 2:
            layers += [norm(b)] if norm else []
            layers.append(activation())
            layers += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers)


def cnn(channels=(8, 16), classes=10, norm=True, dropout=0.0):
    """Convolutions over 8×8 digits."""
    layers, before = [nn.Unflatten(1, (1, 8, 8))], 1
    for width in channels:
        layers.append(nn.Conv2d(before, width, 3, padding=1))
        layers += [nn.BatchNorm2d(width)] if norm else []
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
        before = width
    layers += [nn.Flatten()] + ([nn.Dropout(dropout)] if dropout else [])
    return nn.Sequential(*layers, nn.Linear(before * (8 // 2 ** len(channels)) ** 2, classes))
