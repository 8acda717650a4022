"""JAX with one jitted call an epoch: ``lax.scan`` over its steps."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from .jax_network import Jax, State, step


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def _train(workload: Any, state: State, x: Any, y: Any, order: Any) -> Any:
    state, losses = jax.lax.scan(lambda state, rows: step(workload, state, x, y, rows), state, order)
    return state, jnp.mean(losses)


class JaxScan(Jax):
    """The whole epoch is one program."""

    def fit(self, epochs: int, shuffle: bool) -> list[float]:
        losses = []
        for _ in range(epochs):
            self.state, loss = _train(self.workload, self.state, self.x, self.y, self.order(shuffle))
            losses.append(float(loss))
        return losses
