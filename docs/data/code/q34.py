"""Code with errors for the drill of question 34; what is cured stands beside it."""

from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from torch import nn


def cross_validated(X, y, model):
    selected = SelectKBest(k=10).fit_transform(X, y)
    return cross_val_score(model, selected, y).mean()


def cross_validated_cured(X, y, model):
    pipeline = make_pipeline(SelectKBest(k=10), model)
    return cross_val_score(pipeline, X, y).mean()


def validation_loss(model, batches):
    losses = [nn.functional.mse_loss(model(x), y).item() for x, y in batches]
    return sum(losses) / len(losses)


def validation_loss_cured(model, batches):
    losses = [nn.functional.mse_loss(model(x), y, reduction="sum").item() for x, y in batches]
    return sum(losses) / sum(y.numel() for _, y in batches)
