"""What an optimizer is: a rule over flat arrays, and the coefficients of each step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..arena import Arena
from ..backend import Array
from ..parameter import Parameter
from ..registry import Registry
from . import plain, state
from .options import Numbers, Options

registry: Registry[Optimizer] = Registry("optimizer")

SHARED_COEFFICIENTS = ("learning_rate", "ema_momentum", "ema_overwrite")


class Optimizer(Options):
    """A rule that changes parameters by their gradients.

    The rule is ``update``: elementwise, in place, over flat arrays. All that varies with the step but not with the
    data (the learning rate of a schedule, a bias correction) is a coefficient: ``coefficients`` computes it in
    float64 on the host for many steps at once, so that a recorded step only reads it.

    Args: see ``Options``.

    Attributes:
        slots: The names of what is kept for each parameter, shaped like it.
        coefficient_names: The rule's own coefficients, beyond the shared ones.
        arena: What it was built on.
        state: A flat array for each slot.

    Example:
        >>> class SignDescent(Optimizer):
        ...     def update(self, xp, value, gradient, slots, scratch, coefficients):
        ...         xp.sign(gradient, out=gradient)
        ...         gradient *= coefficients["learning_rate"]
        ...         value -= gradient
        >>> weights = np.array([1.0, 2.0])
        >>> SignDescent(learning_rate=0.5).apply_gradients([(np.array([3.0, -0.1]), weights)])
        >>> weights.tolist()
        [0.5, 2.5]
    """

    slots: tuple[str, ...] = ()
    coefficient_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.arena: Arena | None = None
        self.state: dict[str, Array] = {}
        self.arrays: list[Any] = []  # the plain arrays it was built on
        self._excluded: tuple[list[Any], list[str]] = ([], [])

    # -- what a rule defines -----------------------------------------------------------------------------------

    def coefficients(self, steps: Numbers, learning_rate: Numbers) -> Mapping[str, Numbers]:
        """Return the rule's own coefficients by name, each one float64 value a step.

        Args:
            steps: The numbers of the steps, from 0.
            learning_rate: The learning rate of each.
        """
        return {}

    def initial(self, slot: str) -> float:
        """Return what a slot starts with."""
        return 0.0

    def update(
        self,
        xp: Any,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None:
        """Change ``value`` and ``slots`` in place; ``gradient`` and ``scratch`` are free to overwrite.

        In the gaps between parameters value and gradient are zero, and the rule must leave them so.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no update.")

    @property
    def constants(self) -> tuple[float, ...]:
        """The options of the rule alone, in the order of the constructor: what a kernel of it is made with."""
        shared = Options.get_config(self)
        return tuple(float(value) for name, value in self.get_config().items() if name not in shared)

    # -- what a training program uses --------------------------------------------------------------------------

    def build(self, variables: Arena | Sequence[Any]) -> None:
        """Make the slots, all at their initial values.

        Args:
            variables: The arena of a model, or a list of arrays.

        Raises:
            TypeError: Something is no array of floats.
            ValueError: An array can't be written to, or stands there twice.
        """
        if isinstance(variables, Arena):
            self.arena, self.arrays = variables, []
        else:
            self.arena, self.arrays = plain.arena(self, list(variables)), list(variables)
        backend, size, dtype = self.arena.backend, self.arena.trainable_size, self.arena.dtype
        self.state = {name: backend.empty(size, dtype) for name in self.slots}
        with backend.computing():
            for name, slot in self.state.items():
                slot.fill(self.initial(name))
            if self.use_ema:
                self.state["average"] = average = backend.empty(size, dtype)
                average[...] = self.arena.values[:size]
        self._exclude()

    def unbuild(self) -> None:
        """Forget the slots and whose they were."""
        self.arena, self.arrays, self.state = None, [], {}

    def table(self, first: int, count: int) -> Numbers:
        """Return the coefficients of ``count`` steps from ``first`` on: ``(count, coefficients)`` in float64."""
        steps = np.arange(first, first + count)
        rates = self.rates(steps)
        own = self.coefficients(steps, rates)
        every = self.ema_overwrite_frequency if self.use_ema else None
        momentum = np.where(steps == 0, 0.0, self.ema_momentum)  # the average starts at the first values
        overwrite = (steps + 1) % every == 0 if every else 0.0
        columns = (rates, momentum, overwrite, *(own[name] for name in self.coefficient_names))
        table = np.empty((count, len(columns)))
        for index, column in enumerate(columns):
            table[:, index] = column
        return table

    def row(self, values: Array) -> dict[str, float]:
        """Return one row of the table by name."""
        return dict(zip((*SHARED_COEFFICIENTS, *self.coefficient_names), values.tolist(), strict=True))

    def finalize(self) -> None:
        """Put the moving average in the parameters' place at the end of training; without a step there is none."""
        if self.use_ema and self.iterations and self.arena is not None:
            with self.arena.backend.computing():
                self.arena.values[: self.arena.trainable_size] = self.state["average"]
            plain.write_back(self)

    # -- plain arrays, without a model -------------------------------------------------------------------------

    def apply_gradients(self, gradients_and_variables: Iterable[tuple[Any, Any]]) -> None:
        """Update arrays in place by their gradients.

        Args:
            gradients_and_variables: Pairs ``(gradient, array)`` of equal shapes; the same arrays at each call.

        Raises:
            TypeError: An array that doesn't hold floats, a gradient that doesn't hold real numbers.
            ValueError: No pair, a gradient that is missing or of another shape, an array that can't be written to,
                or other arrays than before. Nothing is changed then.

        Example:
            >>> from gpunet.optimizers import SGD
            >>> weights = np.array([1.0, 2.0])
            >>> SGD(learning_rate=0.5).apply_gradients([(np.array([1.0, 1.0]), weights)])
            >>> weights.tolist()
            [0.5, 1.5]
        """
        pairs = list(gradients_and_variables)
        plain.apply(self, [gradient for gradient, _ in pairs], [variable for _, variable in pairs])

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any] | None = None) -> None:
        """Update ``variables`` (by default those given to ``build``) by ``gradients``, in the same order."""
        plain.apply(self, list(gradients), self.arrays if variables is None else list(variables))

    # -- weight decay ------------------------------------------------------------------------------------------

    def exclude_from_weight_decay(
        self, var_list: Sequence[Any] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Keep weight decay away from some parameters.

        Args:
            var_list: Parameters, or the plain arrays given to ``build``.
            var_names: Parts of names: ``["bias"]`` excludes every parameter whose path contains "bias".

        Raises:
            TypeError: A single name instead of a list.
        """
        if isinstance(var_names, str):
            raise TypeError(
                f'{type(self).__name__}: expected var_names as a list such as ["bias"], got {var_names!r}.'
            )
        self._excluded = (list(var_list or ()), list(var_names or ()))
        self._exclude()

    def excluded(self) -> tuple[list[Parameter], list[str]]:
        """Return the parameters that were excluded one by one, as far as they are known yet, and the parts of names."""
        parameters = self.arena.trainable if self.arena is not None else []
        listed, names = {id(one) for one in self._excluded[0]}, self._excluded[1]
        given = zip(parameters, self.arrays or parameters, strict=True)
        return [p for p, array in given if id(p) in listed or id(array) in listed], names

    def _exclude(self) -> None:
        if self.arena is not None:
            listed, names = self.excluded()
            named = [p for p in self.arena.trainable if any(name in p.path for name in names)]
            self.arena.exclude_from_decay([*listed, *named])

    # -- state -------------------------------------------------------------------------------------------------

    @property
    def variables(self) -> list[Numbers]:
        """Host copies of the iterations, the learning rate if it is a number, and each parameter's slots."""
        rate = [np.asarray(self.learning_rate)] if self.has_constant_rate else []
        slots = state.slots(self).values()
        return [np.asarray(self.iterations), *rate, *(array for slot in slots for array in slot.values())]

    def get_state(self) -> dict[str, Any]:
        """Return all that continuing needs, as host arrays and JSON-able values.

        ``"slots"`` holds ``{slot: {path of the parameter: array}}``; ``"learning_rate"`` is ``None`` where it comes
        from a schedule or a function.
        """
        return state.get_state(self)

    def set_state(self, saved: Mapping[str, Any]) -> None:
        """Continue from what ``get_state`` returned.

        Raises:
            ValueError: The optimizer isn't built yet, or the state is another optimizer's or another model's;
                nothing is changed then.
        """
        state.set_state(self, saved)
