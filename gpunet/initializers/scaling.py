"""Initializers whose variance follows from the number of inputs and outputs: Glorot, He, LeCun."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ..registry import suggest
from .base import RandomInitializer, Seed, Values, registry, truncated_normal

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("normal", "truncated_normal", "untruncated_normal", "uniform")
TRUNCATED_DEVIATION = 0.87962566103423978  # of the standard normal distribution within ±2


def compute_fans(
    shape: Sequence[int], input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[int, int]:
    """Return the number of inputs and outputs of one unit with a kernel of that shape.

    Args:
        shape: ``(inputs, outputs)``, or ``(…receptive field, inputs, outputs)`` of a convolution.
        input_axes: The axes that are inputs, where the shape means something else.
        output_axes: The axes that are outputs, given together with ``input_axes``.

    Example:
        >>> compute_fans((784, 128)), compute_fans((3, 3, 16, 32))
        ((784, 128), (144, 288))
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[axis] for axis in input_axes), math.prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        return math.prod(shape), math.prod(shape)
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


@registry.register("variance_scaling")
class VarianceScaling(RandomInitializer):
    """Mean 0 and variance ``scale / fan``, so that signals keep their size from layer to layer.

    Args:
        scale: A positive number.
        mode: ``fan`` is the number of inputs (``"fan_in"``), of outputs (``"fan_out"``), or their mean (``"fan_avg"``).
        distribution: ``"truncated_normal"`` (or ``"normal"``: within ±2 standard deviations of the untruncated one),
            ``"untruncated_normal"``, or ``"uniform"`` within ``±√(3 scale / fan)``.
        seed: See ``RandomInitializer``.
        input_axes: See ``compute_fans``.
        output_axes: See ``compute_fans``.

    Raises:
        ValueError: ``scale`` is not positive, an unknown mode or distribution.

    Example:
        >>> bool(abs(VarianceScaling(seed=1)((400, 100)).std() - 0.05) < 0.001)
        True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Seed = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(seed)
        if not 0 < scale < math.inf:
            raise ValueError(f"Argument `scale` must be positive float. Received: scale={scale}")
        if mode not in MODES:
            raise ValueError(f'Invalid `mode` argument: "{mode}". {suggest(str(mode), MODES)}')
        if distribution not in DISTRIBUTIONS:
            raise ValueError(
                f'Invalid `distribution` argument: "{distribution}". {suggest(str(distribution), DISTRIBUTIONS)}'
            )
        self.scale, self.mode = scale, mode
        self.distribution = "truncated_normal" if distribution == "normal" else distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def draw(self, generator: np.random.Generator, shape: Sequence[int]) -> Values:
        inputs, outputs = compute_fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2}[self.mode]
        deviation = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "uniform":
            limit = math.sqrt(3) * deviation
            return generator.uniform(-limit, limit, shape)
        if self.distribution == "untruncated_normal":
            return deviation * generator.standard_normal(shape)
        return deviation / TRUNCATED_DEVIATION * truncated_normal(generator, shape)

    def get_config(self) -> dict[str, Any]:
        return {
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            **super().get_config(),
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _Named(VarianceScaling):
    """Variance scaling with scale, mode and distribution fixed.

    Args:
        seed: See ``RandomInitializer``.
        input_axes: See ``compute_fans``.
        output_axes: See ``compute_fans``.
    """

    fixed: ClassVar[tuple[float, str, str]]

    def __init__(
        self,
        seed: Seed = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self.fixed, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in super().get_config().items()
            if name not in ("scale", "mode", "distribution")
        }


@registry.register("glorot_uniform")
class GlorotUniform(_Named):
    """Uniform within ``±√(6 / (fan_in + fan_out))``; for sigmoid, tanh and softmax (Glorot and Bengio, AISTATS 2010)."""

    fixed = (1.0, "fan_avg", "uniform")


@registry.register("glorot_normal")
class GlorotNormal(_Named):
    """Truncated normal with variance ``2 / (fan_in + fan_out)`` (Glorot and Bengio, AISTATS 2010)."""

    fixed = (1.0, "fan_avg", "truncated_normal")


@registry.register("he_uniform")
class HeUniform(_Named):
    """Uniform within ``±√(6 / fan_in)``; for rectifiers (He et al., ICCV 2015)."""

    fixed = (2.0, "fan_in", "uniform")


@registry.register("he_normal")
class HeNormal(_Named):
    """Truncated normal with variance ``2 / fan_in``; for rectifiers (He et al., ICCV 2015)."""

    fixed = (2.0, "fan_in", "truncated_normal")


@registry.register("lecun_uniform")
class LecunUniform(_Named):
    """Uniform within ``±√(3 / fan_in)`` (LeCun et al., "Efficient backprop", 1998)."""

    fixed = (1.0, "fan_in", "uniform")


@registry.register("lecun_normal")
class LecunNormal(_Named):
    """Truncated normal with variance ``1 / fan_in``; for selu (LeCun et al., 1998; Klambauer et al., 2017)."""

    fixed = (1.0, "fan_in", "truncated_normal")
