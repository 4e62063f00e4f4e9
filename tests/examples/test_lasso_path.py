"""What the lasso_path example shows."""

from functools import partial

import torch

from examples import lasso_path
from optnotes.features import pearson
from optnotes.penalties import kkt_violation
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, lasso_path)
numbers = partial(numbers_of, lasso_path)


def test_path_starts_at_the_predicted_strength():
    # scikit-learn stops on its duality gap, so the entry is found to about the root of its tolerance.
    torch.testing.assert_close(numbers()["lambda_max_predicted"], numbers()["lambda_max_measured"], rtol=1e-5, atol=0.0)
    above = result().relative >= 1
    assert above.any()
    assert (result().path[above] == 0).all()
    assert (result().path[~above] != 0).any(-1).all()


def test_the_most_correlated_feature_enters_first():
    X, y, names = lasso_path.data()
    strongest = torch.stack([pearson(column, y).abs() for column in X.T]).argmax()
    first = max(names, key=lambda name: numbers()[f"entry_{name}"])
    assert first == names[strongest] == "bmi"


def test_every_point_carries_its_certificate():
    assert numbers()["violation"] < lasso_path.TOLERANCE * numbers()["lambda_max_predicted"]
    assert numbers()["violation_below"] == 1e-7


def test_certificate_rejects_a_path_shifted_by_one_strength():
    X, y, _ = lasso_path.data()
    strengths = (result().relative * result().predicted).tolist()
    for lam, w in zip(strengths[1:], result().path[:-1], strict=True):
        if lam < result().predicted:
            assert kkt_violation(X, y, w, lam, 0.0).max() > 1e-3


def test_path_equals_scikit_learn():
    # An error of the optimality conditions is amplified by the inverse of the smallest eigenvalue, here about 100.
    assert numbers()["difference"] < 100 * numbers()["violation"] * 2
    assert numbers()["difference_below"] == 1e-5


def test_a_feature_leaves_again_and_returns_with_the_other_sign():
    assert numbers()["left_again"] == 1
    s3 = result().path[:, result().names.index("s3")]
    signs = torch.unique_consecutive(torch.sign(s3)).tolist()
    assert signs == [0, -1, 0, 1]


def test_weak_penalty_keeps_more():
    assert numbers()["kept_at_tenth"] == (result().path[result().relative > 0.1][-1] != 0).sum()
    assert (result().path[-1] != 0).all()


def test_repeatable():
    assert_deterministic(lasso_path, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(lasso_path, result())
    assert {"entry_bp", "entry_s3", "kept_at_tenth"} == placeholders("lasso_path", "alt")
