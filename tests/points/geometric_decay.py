"""Arguments for optnotes.geometric_decay."""

POINTS = {
    "geometric_gradient": lambda draw: {"gain": draw.uniform(0.5, 1.8, 4), "depth": draw.integer(3, 7)},
    "gradient_decades": lambda draw: {"gain": draw.uniform(0.2, 3.0, 4), "depth": draw.integer(3, 7)},
    "gradient_ratio": lambda draw: {"chi": draw.uniform(0.3, 2.5, 4), "layers": draw.integer(3, 7)},
}
