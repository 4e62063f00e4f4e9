"""Code with errors for the drill of question 39; what is cured stands beside it."""

import torch


def cross_entropy(logits, labels):
    probabilities = torch.softmax(logits, dim=1)
    chosen = probabilities[torch.arange(len(labels)), labels]
    return -torch.log(chosen).mean()


def cross_entropy_cured(logits, labels):
    log_probabilities = torch.log_softmax(logits, dim=1)
    chosen = log_probabilities[torch.arange(len(labels)), labels]
    return -chosen.mean()


def squared_error(prediction, y):
    return (prediction - y).square().mean()


def squared_error_cured(prediction, y):
    return (prediction.squeeze(1) - y).square().mean()
