"""Code with errors for the drill of question 35; what is cured stands beside it."""

import torch


def best_weights(model, epochs, train_epoch, validate):
    best = float("inf")
    for _ in range(epochs):
        train_epoch(model)
        loss = validate(model)
        if loss < best:
            best, kept = loss, model.state_dict()
    return kept


def best_weights_cured(model, epochs, train_epoch, validate):
    best = float("inf")
    for _ in range(epochs):
        train_epoch(model)
        loss = validate(model)
        if loss < best:
            best, kept = loss, {name: value.clone() for name, value in model.state_dict().items()}
    return kept


def train(model, epochs, train_epoch, validate):
    model.train()
    for _ in range(epochs):
        train_epoch(model)
        model.eval()
        with torch.no_grad():
            validate(model)


def train_cured(model, epochs, train_epoch, validate):
    for _ in range(epochs):
        model.train()
        train_epoch(model)
        model.eval()
        with torch.no_grad():
            validate(model)
