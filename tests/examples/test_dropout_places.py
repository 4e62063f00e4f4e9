"""What the dropout_places example shows, and the lines of code that page 38 prints."""

import re
from functools import partial

import pytest
import torch
from torch import nn

from examples import dropout_places
from optnotes.site.words.text import LANGUAGES, ROOT
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, dropout_places)
numbers = partial(numbers_of, dropout_places)


def test_one_layer_of_lstm_has_no_dropout_and_the_library_says_so():
    assert numbers()["lstm_single"] == 0
    with pytest.warns(UserWarning, match="num_layers greater than 1"):
        nn.LSTM(2, 3, num_layers=1, dropout=0.5)


def test_two_layers_drop_between_themselves_only():
    assert numbers()["lstm_stacked"] > 0.01
    assert numbers()["lstm_first"] == 0
    net = nn.LSTM(2, 30, num_layers=2, dropout=0.5)
    assert (net(torch.randn(5, 3, 2))[0] != 0).all()  # the outputs of the last layer are not dropped


def test_every_time_step_has_a_mask_of_its_own():
    """The second layer copies its inputs, so that what it gets can be read off."""
    torch.manual_seed(38)
    net = nn.RNN(8, 8, num_layers=2, nonlinearity="relu", dropout=0.5)
    with torch.no_grad():
        for name, weight in net.named_parameters():
            weight.copy_(torch.eye(8) if name.startswith("weight_ih") else torch.zeros_like(weight))
        kept = net(torch.ones(40, 1, 8))[0][:, 0] > 0
    assert 0.3 < kept.float().mean() < 0.7
    assert len(kept.unique(dim=0)) > 20


def test_a_new_mask_at_every_step_forgets():
    assert numbers()["each_step"] == pytest.approx(0.8**20)
    mask = (torch.rand(20, 200_000, generator=torch.Generator().manual_seed(38)) >= 0.2).all(0)
    assert mask.float().mean().item() == pytest.approx(numbers()["each_step"], abs=2e-3)


def test_attention_drops_probabilities():
    assert numbers()["sum_mean"] == pytest.approx(1, abs=0.01)
    assert numbers()["sum_std"] == pytest.approx(numbers()["sum_predicted"], rel=0.03)


def test_a_relu_commutes_with_a_mask():
    assert numbers()["order_relu"] < 1e-12
    assert numbers()["order_sigmoid"] > 0.4


def test_the_branch_of_an_adapter_starts_at_zero_under_any_mask_and_its_gradient_does_not():
    assert numbers()["lora_output"] == 0
    assert numbers()["lora_gradient"] > 0.5


def test_batch_statistics_move_a_prediction():
    assert numbers()["moved_train"] > 0.01
    assert numbers()["moved_eval"] < 1e-12


def printed(language):
    """Blocks of Python on the page."""
    (page,) = (ROOT / "docs" / language / "questions").glob("38-*.md")
    return re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_lines_are_inverted_dropout(language):
    dropping, path, evaluating = printed(language)
    space = {"torch": torch, "nn": nn}
    exec(dropping + path + evaluating, space)
    h = torch.ones(4000, 50)
    torch.manual_seed(38)
    masked = space["dropout"](h, 0.2, training=True)
    assert masked.unique().tolist() == pytest.approx([0, 1.25])
    assert masked.mean().item() == pytest.approx(1, abs=0.01)
    assert torch.equal(space["dropout"](h, 0.2, training=False), h)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_drop_path_drops_whole_examples(language):
    dropping, path, evaluating = printed(language)
    space = {"torch": torch, "nn": nn}
    exec(dropping + path + evaluating, space)
    torch.manual_seed(38)
    branch = torch.ones(4000, 3, 5)
    kept = space["drop_path"](branch, 0.2, training=True)
    assert kept.unique().tolist() == pytest.approx([0, 1.25])
    assert (kept == kept[:, :1, :1]).all()
    assert kept.mean().item() == pytest.approx(1, abs=0.03)
    assert torch.equal(space["drop_path"](branch, 0.2, training=False), branch)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_switch_leaves_only_dropout_in_training(language):
    dropping, path, evaluating = printed(language)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Dropout2d(0.1))
    exec(dropping + path, space := {"torch": torch, "nn": nn})
    space["model"] = model
    exec(evaluating + "mc_mode(model)\n", space)
    assert [each.training for each in model] == [False, False, True, True]


def test_repeatable():
    assert_deterministic(dropout_places, result())


def test_published():
    assert_plain(numbers())


def test_dropout_on_a_zero_initialised_adapter_changes_no_output():
    """The branch of a low-rank adapter starts at zero, so its dropout acts on gradients first."""
    torch.manual_seed(38)
    W, A, B = torch.randn(4, 6), torch.randn(2, 6), torch.zeros(4, 2, requires_grad=True)
    x = torch.randn(6)
    outputs, slopes = [], []
    for _ in range(2):
        out = W @ x + B @ (A @ nn.functional.dropout(x, 0.5))
        outputs.append(out.detach())
        slopes.append(torch.autograd.grad(out.sum(), B)[0])
    assert torch.equal(*outputs)
    assert not torch.equal(*slopes)
