"""What goes into the functions of this package as an array."""
from typing import Any, Protocol


class Array(Protocol):
    """Anything that hands out its memory by DLPack: arrays of torch, NumPy, JAX, CuPy and others. It is read where it
    lies, not copied, unless it lies on a GPU."""

    def __dlpack__(self, *, stream: Any = ...) -> Any: ...

    def __dlpack_device__(self) -> tuple[Any, Any]: ...
