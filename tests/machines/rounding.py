"""Rounds as another processor would: sums in another order, functions and decompositions off by a unit of rounding.

No switch imitates AVX-512 or ARM, but what differs there is known. Additions are grouped differently, so contracted and
summed indices are permuted here: what is exact stays exact. Transcendental functions differ in their last bit, so some
results move by one. Decompositions are right for a matrix next to the given one, so that is the one they get.
All of it depends on values and sizes only: the same call gives the same result, as it does on a processor.
"""

import os
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

VARIABLE = "OPTNOTES_ROUNDING"
BITS = {torch.float32: torch.int32, torch.float64: torch.int64}
# Contracted dimension of the last two operands.
CONTRACTIONS = {"mm": (1, 0), "addmm": (1, 0), "bmm": (2, 1), "baddbmm": (2, 1), "mv": (1, 0), "addmv": (1, 0)} | {
    "dot": (0, 0),
    "vdot": (0, 0),
}
REDUCTIONS = {"sum", "mean", "var", "std", "var_mean", "std_mean", "linalg_vector_norm", "logsumexp", "nansum"}
FUNCTIONS = {
    *("exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
    *("sinh", "cosh", "tanh", "sigmoid", "erf", "erfc", "erfinv", "gelu", "silu", "softplus", "elu", "logit", "pow"),
    *("rsqrt", "logspace", "randn", "normal", "_softmax", "_log_softmax", "lgamma", "digamma", "xlogy", "hypot"),
    *("logaddexp", "tanh_backward", "sigmoid_backward", "gelu_backward", "silu_backward", "softplus_backward"),
    *("elu_backward", "_softmax_backward_data", "_log_softmax_backward_data", "log_sigmoid_forward", "addcdiv"),
    *("addcmul", "lerp", "special_log_ndtr", "special_ndtri", "cumsum", "cumprod", "prod", "native_layer_norm"),
    *("native_batch_norm", "convolution", "_native_batch_norm_legit", "lcm"),
}
DECOMPOSITIONS = {
    *("_linalg_eigh", "linalg_eig", "_linalg_svd", "linalg_qr", "linalg_cholesky_ex", "linalg_lu_factor_ex"),
    *("_linalg_solve_ex", "linalg_inv_ex", "linalg_solve_triangular", "linalg_lstsq", "_linalg_slogdet"),
    *("_linalg_det", "linalg_matrix_exp", "linalg_ldl_factor_ex", "triangular_solve", "_linalg_check_errors"),
}


@cache
def order(seed: int, count: int) -> Tensor:
    """A permutation that depends on the length alone."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed))


def moved(values: Tensor, seed: int) -> Tensor:
    """A quarter of the values one unit of rounding up, a quarter down; integers, which are exact, stay."""
    if values.dtype.is_complex:
        return torch.view_as_complex(moved(torch.view_as_real(values), seed).contiguous())
    if values.dtype not in BITS:
        return values
    bits = values.contiguous().view(BITS[values.dtype])
    mixed = (bits.long() + seed) * 0x9E3779B97F4A7C1
    mixed = mixed ^ (mixed >> 29)
    step = torch.where(mixed & 2 == 0, 0, (mixed & 4) // 2 - 1)
    exact = (values == values.round()) | ~values.isfinite()
    return torch.where(exact, values, (bits + step).to(bits.dtype).view(values.dtype))


def contracted(arguments: list[Any], dims: tuple[int, int], seed: int) -> list[Any]:
    """The last two operands with the index that both share in another order."""
    *kept, left, right = arguments
    if not left.dtype.is_floating_point or left.shape[dims[0]] < 2:
        return arguments
    way = order(seed, left.shape[dims[0]])
    return [*kept, left.index_select(dims[0], way), right.index_select(dims[1], way)]


def shuffled(values: Tensor, dims: Any, seed: int) -> Tensor:
    """Values in another order along the dimensions that are summed; all of them, where none is named."""
    if not values.dtype.is_floating_point or not values.ndim:
        return values
    for dim in [dims] if isinstance(dims, int) else dims or range(values.ndim):
        values = values.index_select(dim, order(seed, values.shape[dim]))
    return values


class OtherRounding(TorchDispatchMode):
    """Every operation of torch as a processor with other vector units might round it."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Rewrite the arguments of sums and decompositions, and the results of functions."""
        kwargs = kwargs or {}
        name = func.overloadpacket.__name__.rstrip("_")
        if name in CONTRACTIONS:
            return func(*contracted(list(args), CONTRACTIONS[name], self.seed), **kwargs)
        if name in REDUCTIONS:
            place = 2 if name == "linalg_vector_norm" else 1
            dims = kwargs.get("dim", args[place] if len(args) > place and not isinstance(args[place], bool) else None)
            return func(shuffled(args[0], dims, self.seed), *args[1:], **kwargs)
        if name in DECOMPOSITIONS:
            return func(moved(args[0], self.seed), *args[1:], **kwargs)
        result = func(*args, **kwargs)
        exact = name == "pow" and isinstance(args[1], int | float) and args[1] in (1, 2)
        if name not in FUNCTIONS or exact:
            return result
        if func.overloadpacket.__name__.endswith("_") and isinstance(result, Tensor):
            return result.copy_(moved(result, self.seed))
        if isinstance(result, tuple):
            return type(result)(moved(part, self.seed) if isinstance(part, Tensor) else part for part in result)
        return moved(result, self.seed) if isinstance(result, Tensor) else result


def start() -> None:
    """From here on this process rounds otherwise, if the environment asks for it."""
    if seed := os.environ.get(VARIABLE):
        OtherRounding(int(seed)).__enter__()


start()
