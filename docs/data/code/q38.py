"""Code with errors for the drill of question 38; what is cured stands beside it."""

import torch
from torch import nn
from torch.nn import functional as F


class Classifier(nn.Module):
    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        h = F.dropout(torch.relu(self.hidden(x)), 0.5)
        return self.out(h)


class Classifier_cured(nn.Module):
    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        h = F.dropout(torch.relu(self.hidden(x)), 0.5, training=self.training)
        return self.out(h)


def dropout(h, p):
    mask = torch.rand_like(h) < p
    return h * mask / (1 - p)


def dropout_cured(h, p):
    mask = torch.rand_like(h) >= p
    return h * mask / (1 - p)
