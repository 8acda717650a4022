"""Adam with decoupled weight decay."""

from __future__ import annotations

from typing import Any

from .adam import Adam
from .base import registry


@registry.register("adamw")
class AdamW(Adam):
    """Adam, with the weights decayed beside the gradient: ``θ ← θ (1 - α λ)``, then Adam's update.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.

    Args:
        learning_rate: ``α``, a number or a schedule.
        weight_decay: ``λ``. ``exclude_from_weight_decay`` keeps it away from some parameters.
        beta_1: The memory of the gradient, within [0, 1).
        beta_2: The memory of its square, within [0, 1).
        epsilon: ``ε``, positive.
        amsgrad: Whether to use the largest ``v`` so far.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range, or no weight decay.

    Example:
        >>> import numpy as np
        >>> weights = np.array([1.0, 2.0])
        >>> AdamW(learning_rate=0.5, weight_decay=0.1).apply_gradients([(np.zeros(2), weights)])
        >>> weights.tolist()
        [0.95, 1.9]
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        if weight_decay is None:
            raise ValueError(
                "Argument `weight_decay` must be a float. Received: weight_decay=None. Use Adam."
            )
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options
        )
