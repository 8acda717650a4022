"""The network below a model: layers, shapes, parameters in one arena, and the state of a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config
from ..arena import Arena
from ..backend import Backend, get_backend
from ..backend.precision import get_precision
from ..layers import Layer
from ..layers.base import Shape, set_weights
from ..optimizers import Optimizer
from ..parameter import Parameter, numbers
from ..registry import Configurable
from . import compiling
from .plan import RandomStreams


class Network(Configurable):
    """Layers, their parameters and all that changes while they are trained.

    Args:
        name: A name for summaries and files.
        backend: Where it computes: ``"numpy"``, ``"cupy"``, a backend object; ``None`` takes the process' default.
        dtype_policy: In which precision, see ``config.set_dtype_policy``; ``None`` takes the process' default of now.
    """

    def __init__(
        self,
        name: str | None = None,
        backend: str | Backend | None = None,
        dtype_policy: str | None = None,
    ) -> None:
        self.name = name or type(self).__name__.lower()
        self.layers: list[Layer] = []
        self.input_shape: Shape = ()
        self.output_shape: Shape = ()
        self.built = False
        self.optimizer: Optimizer | None = None
        self.random = RandomStreams()
        self._backend = get_backend(backend) if backend is not None else None
        self.precision = get_precision(config.dtype_policy() if dtype_policy is None else dtype_policy)
        self._arena: Arena | None = None

    def build(self, input_shape: Sequence[int | None] | None = None) -> None:
        """Make the parameters for inputs of shape ``(None, …)``."""
        raise NotImplementedError

    # -- parameters --------------------------------------------------------------------------------------------

    @property
    def backend(self) -> Backend:
        """Where this model computes: where it was told to, else where its layers live already, else the default."""
        if self._arena is not None:
            return self._arena.backend
        homes = (parameter.backend for parameter in self.weights if parameter.backend is not None)
        chosen = self._backend or next(homes, None) or config.backend()
        return chosen.with_precision(self.precision)

    @property
    def dtype_policy(self) -> str:
        """The precision that this model computes in."""
        return self.precision.name

    @property
    def trainable(self) -> bool:
        """Whether training may change any layer; setting it freezes every layer there is, or none."""
        return not self.layers or any(layer.trainable for layer in self.layers)

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        for layer in self.layers:
            layer.trainable = bool(trainable)

    @property
    def weights(self) -> list[Parameter]:
        """All parameters, in the order of the layers."""
        return [parameter for layer in self.layers for parameter in layer.weights]

    @property
    def trainable_weights(self) -> list[Parameter]:
        """The parameters that training changes."""
        return [parameter for layer in self.layers for parameter in layer.trainable_weights]

    @property
    def non_trainable_weights(self) -> list[Parameter]:
        """The parameters that training leaves alone."""
        return [parameter for layer in self.layers for parameter in layer.non_trainable_weights]

    @property
    def dropout_seed(self) -> int:
        """The key of the model's dropout masks."""
        return self.random.dropout_seed

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return copies of all parameters on the host, in the order of the layers."""
        self.must_be_built("get_weights")
        return [parameter.numpy() for parameter in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all parameters, in the order of ``get_weights``.

        Raises:
            ValueError: Another number of arrays, other shapes, or no real numbers; nothing is changed then.
        """
        self.must_be_built("set_weights")
        set_weights(self.name, self.weights, weights)

    def count_params(self) -> int:
        """Return the number of scalar parameters."""
        self.must_be_built("count_params")
        return sum(parameter.size for parameter in self.weights)

    def must_be_built(self, method: str) -> None:
        """Refuse to go on without parameters.

        Raises:
            ValueError: The model isn't built; ``method`` is who asks.
        """
        if not self.built:
            raise ValueError(
                f"{method}: the model has no parameters yet. Give the first layer an input shape (an Input layer), "
                "or call build(input_shape) or fit first."
            )

    # -- state and files ---------------------------------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        """Return all that a training consists of, as host arrays and JSON-able values: parameters, optimizer, random
        streams, loss scale."""
        self.must_be_built("get_state")
        if self.optimizer is not None:
            self.arena()
        parameters = {parameter.path: parameter.numpy() for parameter in self.weights}
        if len(parameters) < len(self.weights):
            raise ValueError(f"{self.name}: two parameters have the same path; give each layer its own name.")
        return {
            "parameters": parameters,
            "optimizer": None if self.optimizer is None else self.optimizer.get_state(),
            "random": self.random.get_state(),
            "loss_scale": self._loss_scale(),
        }

    def _loss_scale(self) -> list[float] | None:
        scale = None if self._arena is None else self._arena.loss_scale
        return None if scale is None else [float(number) for number in self.backend.download(scale)]

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what ``get_state`` returned; parts that are ``None`` stay as they are.

        Raises:
            ValueError: The state is another model's; nothing is changed then.
        """
        self.must_be_built("set_state")
        self.arena()
        missing = {"parameters", "optimizer", "random"} - set(state)
        if missing:
            raise ValueError(f"{self.name}: the state lacks {', '.join(sorted(missing))}.")
        own = {parameter.path: parameter for parameter in self.weights}
        given = state["parameters"]
        if set(own) != set(given):
            odd = sorted(set(own) ^ set(given))
            raise ValueError(f"{self.name}: parameters that only one side has: {', '.join(odd)}.")
        arrays = {path: numbers(given[path], parameter.shape, path) for path, parameter in own.items()}
        random = self.random if state["random"] is None else RandomStreams.continued(state["random"])
        scale, given_scale = self.arena().loss_scale, state.get("loss_scale")
        if scale is not None and given_scale is not None:
            given_scale = numbers(given_scale, scale.shape, "loss_scale")
        if state["optimizer"] is not None and self.optimizer is not None:
            self.optimizer.set_state(state["optimizer"])
        for path, parameter in own.items():
            parameter.assign(arrays[path])
        self.random = random
        if scale is not None and given_scale is not None:
            self.backend.upload(given_scale, scale)

    def use_backend(self, backend: str | Backend) -> None:
        """Compute on another backend from now on."""
        self._backend = get_backend(backend)
        self._arena = None

    def arena(self) -> Arena:
        """Return the arena of all parameters, the optimizer's slots included; made anew when something has moved."""
        self.must_be_built("arena")
        frozen = [parameter for layer in self.layers for parameter in layer.frozen]
        if self._arena is None or not self._arena.owns(self.weights, frozen):
            dtype = self.weights[0].dtype if self.weights else config.floatx()
            self._arena = Arena(self.backend, self.weights, frozen, dtype)
        if self.optimizer is not None and self.optimizer.arena is not self._arena:
            compiling.build_optimizer(self.optimizer, self._arena)
        return self._arena

    def arena_to_read(self) -> Arena:
        """Return an arena on the model's backend for what doesn't train.

        Parameters that live in another model's arena are left there: that model may be in the middle of a training.
        """
        homes = [parameter.arena for parameter in self.weights]
        if not homes or any(home is None or home.backend is not self.backend for home in homes):
            return self.arena()
        assert homes[0] is not None
        return homes[0]
