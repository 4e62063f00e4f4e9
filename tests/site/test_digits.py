"""The digits are those of scikit-learn, and reading them does not import it."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn import datasets

from optnotes.site import digits


def test_digits_are_those_of_scikit_learn():
    for found, expected in zip(digits.load_digits(), datasets.load_digits(return_X_y=True), strict=True):
        np.testing.assert_array_equal(found.numpy(), expected)
        assert found.numpy().dtype == expected.dtype


def test_reading_them_does_not_import_scikit_learn():
    code = (
        "import sys; from optnotes.site.digits import load_digits; load_digits(); assert 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_scikit_learn_the_error_names_it(monkeypatch):
    monkeypatch.setattr(digits, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="scikit-learn"):
        digits.load_digits()
