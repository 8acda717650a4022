"""JAX with one jitted call a step."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from .jax_network import Jax, State, step


@partial(jax.jit, static_argnums=0, donate_argnums=(1, 2))
def _train(workload: Any, state: State, total: Any, x: Any, y: Any, order: Any, first: Any) -> Any:
    state, loss = step(workload, state, x, y, order[state["steps"] - first])
    return state, total + loss


class JaxStep(Jax):
    """The state's buffers are given to the call and reused by it; the losses are summed on the device."""

    def fit(self, epochs: int, shuffle: bool) -> list[float]:
        losses = []
        for _ in range(epochs):
            order, total, first = self.order(shuffle), jnp.zeros(()), self.state["steps"] + 0
            for _ in range(len(order)):
                self.state, total = _train(self.workload, self.state, total, self.x, self.y, order, first)
            losses.append(float(total) / len(order))
        return losses
