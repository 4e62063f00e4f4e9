"""Code with errors for the drill of question 33; what is cured stands beside it."""

import torch


def he_weights(inputs, outputs):
    return torch.randn(outputs, inputs) * (2 / inputs)


def he_weights_cured(inputs, outputs):
    return torch.randn(outputs, inputs) * (2 / inputs) ** 0.5


def residual_block(x, branch):
    x = branch(x)
    return x + x


def residual_block_cured(x, branch):
    return x + branch(x)
