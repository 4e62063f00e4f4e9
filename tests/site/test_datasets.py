"""The bundled data are those of scikit-learn, and reading them does not import it."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn import datasets

from optnotes.site.datasets import load_breast_cancer, load_diabetes, table
from optnotes.site.digits import load_digits


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
        first = load()[0]
        before = first.clone()
        first += 1
        assert (load()[0] == before).all()


def test_reading_them_does_not_import_scikit_learn():
    code = (
        "import sys; from optnotes.site.datasets import load_breast_cancer, load_diabetes;"
        " from optnotes.site.digits import load_digits; load_breast_cancer(); load_diabetes(); load_digits();"
        " assert 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_scikit_learn_the_error_names_it(monkeypatch):
    monkeypatch.setattr("optnotes.site.datasets.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="scikit-learn"):
        table.__wrapped__("digits.csv.gz")
