"""Code with errors for the drill of question 36; what is cured stands beside it."""


def penalised(loss, model, strength):
    return loss + strength / 2 * sum(w.norm() for w in model.parameters())


def penalised_cured(loss, model, strength):
    return loss + strength / 2 * sum(w.square().sum() for w in model.parameters())


def loss_with_penalty(loss, weights, strength):
    return loss + strength / 2 * weights.data.square().sum()


def loss_with_penalty_cured(loss, weights, strength):
    return loss + strength / 2 * weights.square().sum()
