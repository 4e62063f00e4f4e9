"""Arguments for optnotes.initialization: fan-in and fan-out never agree."""

POINTS = {
    "xavier_std": lambda draw: {
        "fan_in": draw.integer(3, 9),
        "fan_out": draw.integer(11, 19),
        "gain": draw.real(1.2, 1.8),
    },
    "xavier_bound": lambda draw: {
        "fan_in": draw.integer(3, 9),
        "fan_out": draw.integer(11, 19),
        "gain": draw.real(1.2, 1.8),
    },
    "he_std": lambda draw: {"fan": draw.integer(3, 9), "slope": draw.real(0.2, 0.8)},
    "he_bound": lambda draw: {"fan": draw.integer(3, 9), "slope": draw.real(0.2, 0.8)},
    "linear_default": lambda draw: {"fan_in": draw.integer(3, 9)},
}
