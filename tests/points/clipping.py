"""Arguments for optnotes.clipping: thresholds that cut some of the components."""

POINTS = {
    "clip_by_norm": lambda draw: {"g": 3 * draw.normal(6), "c": draw.real(3.0, 12.0), "eps": draw.real(0.05, 0.2)},
    "clip_by_value": lambda draw: {"g": 3 * draw.normal(6), "c": draw.real(0.3, 0.8)},
    "value_clip_norm_bound": lambda draw: {"c": draw.real(0.3, 0.8), "d": draw.integer(3, 9)},
    "max_step": lambda draw: {"lr": draw.real(0.1, 0.3), "c": draw.real(1.5, 3.0), "momentum": draw.real(0.6, 0.9)},
}
