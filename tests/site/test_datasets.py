"""The bundled data are those of scikit-learn, and reading them does not import it."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn import datasets

from optnotes.site.figures.datasets import load_breast_cancer, load_diabetes, table
from optnotes.site.figures.digits import load_digits, spread_digits


def same(found, expected):
    np.testing.assert_array_equal(found.numpy(), expected)
    assert found.numpy().dtype == expected.dtype


@pytest.mark.parametrize("load", [load_digits, load_breast_cancer])
def test_classes_are_those_of_scikit_learn(load):
    for found, expected in zip(load(), getattr(datasets, load.__name__)(return_X_y=True), strict=True):
        same(found, expected)


def test_diabetes_is_that_of_scikit_learn():
    X, y, names = load_diabetes()
    bunch = datasets.load_diabetes(scaled=False)
    same(X, bunch.data)
    same(y, bunch.target)
    assert names == list(bunch.feature_names)


def test_a_change_of_what_was_loaded_stays_with_its_caller():
    for load in (load_digits, load_breast_cancer, load_diabetes):
        for index in (0, 1):
            first = load()[index]
            before = first.clone()
            first += 1
            assert (load()[index] == before).all()


def test_spread_digits_have_one_size_and_keep_the_labels():
    generator = torch.Generator().manual_seed(5)
    X, digits = spread_digits(30, generator)
    assert X.shape == (len(digits), 30)
    torch.testing.assert_close(X.square().mean(1), torch.ones(len(X)))
    assert (digits == load_digits()[1]).all()
    directions = torch.randn(64, 30, generator=torch.Generator().manual_seed(5))
    pixels = load_digits()[0].float() - load_digits()[0].float().mean(0)
    cosine = torch.nn.functional.cosine_similarity(X, pixels @ directions)
    torch.testing.assert_close(cosine, torch.ones(len(X)))


def test_reading_them_does_not_import_scikit_learn():
    code = (
        "import sys; from optnotes.site.figures.datasets import load_breast_cancer, load_diabetes;"
        " from optnotes.site.figures.digits import load_digits; load_breast_cancer(); load_diabetes(); load_digits();"
        " assert 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_scikit_learn_the_error_names_it(monkeypatch):
    monkeypatch.setattr("optnotes.site.figures.datasets.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="scikit-learn"):
        table.__wrapped__("digits.csv.gz")
