"""Arguments for optnotes.landscapes."""

POINTS = {
    "saddle": lambda draw: {"x": draw.normal(5), "y": draw.normal(5)},
    "saddle_gradient": lambda draw: {"x": draw.normal(5), "y": draw.normal(5)},
    "tilted_double_well": lambda draw: {"y": draw.normal(5), "tilt": draw.real(0.1, 0.4)},
    "tilted_double_well_gradient": lambda draw: {"y": draw.normal(5), "tilt": draw.real(0.1, 0.4)},
}
