"""Code with errors for the drill of question 32; what is cured stands beside it."""

from torch.nn.utils import clip_grad_norm_


def training_step(model, loss, optimizer, threshold):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    clip_grad_norm_(model.parameters(), threshold)


def training_step_cured(model, loss, optimizer, threshold):
    optimizer.zero_grad()
    loss.backward()
    clip_grad_norm_(model.parameters(), threshold)
    optimizer.step()


def clip_gradients(model, threshold):
    for parameter in model.parameters():
        clip_grad_norm_([parameter], threshold)


def clip_gradients_cured(model, threshold):
    clip_grad_norm_(model.parameters(), threshold)
