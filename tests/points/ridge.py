"""Arguments for optnotes.ridge."""


def _spectrum(draw):
    return {"lams": draw.uniform(0.1, 4.0, 5), "alpha": draw.real(0.2, 2.0)}


POINTS = {
    "ridge_solution": lambda draw: {"X": draw.normal(6, 3), "y": draw.normal(6), "alpha": draw.real(0.2, 2.0)},
    "shrinkage_factor": _spectrum,
    "degrees_of_freedom": _spectrum,
    "ridge_condition_number": _spectrum,
    "map_penalty": lambda draw: {"sigma": draw.real(0.3, 1.0), "tau": draw.real(1.1, 3.0)},
}
