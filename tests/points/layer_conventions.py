"""Arguments for optnotes.layer_conventions."""

POINTS = {
    "keep_probability": lambda draw: {"p": draw.real(0.1, 0.4)},
    "running_momentum": lambda draw: {"momentum": draw.real(0.1, 0.4)},
}
