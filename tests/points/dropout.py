"""Arguments for optnotes.dropout: drop probabilities away from one half."""

POINTS = {
    "standard_dropout": lambda draw: {"h": draw.normal(5), "mask": draw.mask(5)},
    "inverted_dropout": lambda draw: {"h": draw.normal(5), "mask": draw.mask(5), "p": draw.real(0.1, 0.4)},
    "standard_dropout_moments": lambda draw: {"h": draw.normal(5), "p": draw.real(0.1, 0.4)},
    "inverted_dropout_moments": lambda draw: {"h": draw.normal(5), "p": draw.real(0.1, 0.4)},
}
