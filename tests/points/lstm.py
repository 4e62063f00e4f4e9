"""Arguments for optnotes.lstm."""

POINTS = {
    "lstm_step": lambda draw: {
        "x": draw.normal(2),
        "h": draw.normal(3),
        "c": draw.normal(3),
        "input_weights": draw.normal(4, 3, 2),
        "recurrent_weights": draw.normal(4, 3, 3),
        "biases": draw.normal(4, 3),
    },
    "lstm_direct_path": lambda draw: {"forget": draw.uniform(0.2, 0.95, 4, 3)},
}
