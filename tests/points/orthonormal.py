"""Arguments for optnotes.orthonormal."""

POINTS = {
    "lasso_orthonormal": lambda draw: {"w_ols": draw.normal(5), "lam": draw.real(0.2, 0.7)},
    "ridge_orthonormal": lambda draw: {"w_ols": draw.normal(5), "lam": draw.real(0.2, 0.7)},
}
