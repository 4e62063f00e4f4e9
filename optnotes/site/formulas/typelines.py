"""What the contract's reader of type lines says of a formula, and what the site makes of it."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from optnotes import _typelines
from optnotes._typelines import Kind, ends, inside
from optnotes.site.words.docstrings import Entry, read

__all__ = ["Formula", "Kind", "elementwise", "elementwise_result", "ends", "inside", "kind", "kinds", "size_symbol"]

Formula = Callable[..., Any]

kinds = functools.cache(_typelines.kinds)


def kind(entry: Entry) -> Kind:
    """The type line of a parameter or a returned value."""
    return _typelines.read(entry.kind.strip() or entry.name.strip())


def elementwise(kinds_: Mapping[str, Kind], name: str) -> bool:
    """Whether a parameter has any shape, or the shape of one that has."""
    of = kinds_[name]
    return of.any_shape or (of.like in kinds_ and of.like != name and elementwise(kinds_, str(of.like)))


def size_symbol(size: str) -> str:
    """TeX of a size: ``n_in`` is spelled with a subscript."""
    head, _, tail = size.partition("_")
    return f"{head}_{{{tail}}}" if tail else head


def elementwise_result(function: Formula) -> bool:
    """Whether the function returns tensors of any shape."""
    of, returned = kinds(function), [kind(entry) for entry in read(function).returns]
    return any(r.any_shape or (r.like in of and elementwise(of, str(r.like))) for r in returned)
