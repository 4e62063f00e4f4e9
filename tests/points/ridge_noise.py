"""Arguments for optnotes.ridge_noise."""

POINTS = {
    "ridge_noise_gain": lambda draw: {"s": draw.uniform(0.1, 4.0, 5), "alpha": draw.real(0.2, 2.0)},
    "ridge_noise_gain_bound": lambda draw: {"alpha": draw.real(0.2, 3.0)},
    "input_noise_variance": lambda draw: {"w": draw.normal(4), "sigma": draw.real(0.2, 0.9)},
    "noise_augmentation_loss": lambda draw: {
        "X": draw.normal(6, 3),
        "y": draw.normal(6),
        "w": draw.normal(3),
        "sigma": draw.real(0.2, 0.9),
    },
    "noise_augmentation_penalty": lambda draw: {"n": draw.integer(2, 40), "sigma": draw.real(0.2, 0.9)},
}
