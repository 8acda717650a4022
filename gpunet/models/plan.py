"""The arguments of ``fit`` that are plain numbers, checked, and the random streams of a model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config
from ..training import Data, Stream

if TYPE_CHECKING:
    from ..training.feed import Feed

BATCH_SIZE = 32  # Keras' default


def is_whole(value: Any) -> bool:
    """Tell whether ``value`` is a whole number; truth values are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def check_positive(method: str, **numbers: Any) -> None:
    """Refuse what isn't a positive whole number; ``None`` means "not given".

    Raises:
        ValueError: One of the numbers isn't.
    """
    for name, value in numbers.items():
        if value is not None and not (is_whole(value) and value >= 1):
            raise ValueError(f"{method}: expected {name} to be a positive whole number, got {value!r}.")


@dataclass(frozen=True)
class Plan:
    """How long and how often.

    Raises:
        ValueError: A number that makes no sense.
    """

    epochs: int
    initial_epoch: int
    batch_size: int | None
    steps_per_epoch: int | None
    validation_steps: int | None
    validation_batch_size: int | None
    validation_freq: int | Sequence[int]
    shuffle: bool

    def __post_init__(self) -> None:
        check_positive(
            "fit",
            epochs=self.epochs,
            batch_size=self.batch_size,
            steps_per_epoch=self.steps_per_epoch,
            validation_steps=self.validation_steps,
            validation_batch_size=self.validation_batch_size,
        )
        if not is_whole(self.initial_epoch) or self.initial_epoch < 0:
            raise ValueError(
                f"fit: expected initial_epoch as a whole number >= 0, got {self.initial_epoch!r}."
            )
        frequency = self.validation_freq
        named = isinstance(frequency, Collection) and not isinstance(frequency, (str, bytes))
        for number in frequency if named else [frequency]:  # type: ignore[union-attr]
            check_positive("fit", validation_freq=number)

    @property
    def rows(self) -> int:
        """Rows of a training step."""
        return BATCH_SIZE if self.batch_size is None else self.batch_size

    def validates(self, epoch: int) -> bool:
        """Tell whether there is a validation after this epoch (counted from 0)."""
        if isinstance(self.validation_freq, Collection):
            return epoch + 1 in self.validation_freq
        return (epoch + 1) % self.validation_freq == 0

    def check(self, feed: Feed) -> int | None:
        """Return the number of steps of an epoch, where it is known.

        Raises:
            ValueError: More steps are wanted than arrays have batches.
        """
        if feed.rows is not None and feed.steps is not None and (self.steps_per_epoch or 0) > feed.steps:
            raise ValueError(
                f"fit: steps_per_epoch={self.steps_per_epoch}, but the data has {feed.steps} batches."
            )
        return self.steps_per_epoch or feed.steps

    def check_rereadable(self, data: Data, validation: Data | None) -> None:
        """Refuse an iterator that would be used up before the last epoch.

        Raises:
            ValueError: A generator without a number of steps, for more than one epoch.
        """
        if self.epochs - self.initial_epoch < 2:
            return
        for what, source, steps in (
            ("x", data, self.steps_per_epoch),
            ("validation_data", validation, self.validation_steps),
        ):
            if isinstance(source, Stream) and source.once and steps is None:
                count = "steps_per_epoch" if what == "x" else "validation_steps"
                raise ValueError(
                    f"fit: {what} is an iterator, which can be read only once. For several epochs give {count}, or "
                    "something that can be iterated anew."
                )


class RandomStreams:
    """The shuffle order and the dropout key of a model; ``set_random_seed`` starts them anew."""

    def __init__(self) -> None:
        self._drawn_after = -1
        self.shuffle = np.random.default_rng(0)
        self.dropout_seed = 0

    def renew(self) -> bool:
        """Draw new streams if a seed has been set since they were drawn; tell whether that was so."""
        if self._drawn_after == config.seeds_set():
            return False
        self._drawn_after = config.seeds_set()
        self.shuffle = config.generator()
        self.dropout_seed = config.draw_seed()
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy continues the streams, in another process too, where seeds were set at other times."""
        return RandomStreams.continued, (self.get_state(),)

    def get_state(self) -> dict[str, Any]:
        """Return what continues the streams (JSON-able)."""
        self.renew()
        return {"shuffle": self.shuffle.bit_generator.state, "dropout_seed": self.dropout_seed}

    @classmethod
    def continued(cls, state: dict[str, Any]) -> RandomStreams:
        """Return streams that continue those which ``get_state`` described.

        Raises:
            ValueError: No such state.
        """
        streams = cls()
        streams._drawn_after = config.seeds_set()
        try:
            streams.shuffle.bit_generator.state = state["shuffle"]
            streams.dropout_seed = state["dropout_seed"]
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"Expected a random state as get_state returns it, got {state!r} ({type(error).__name__}: {error})."
            ) from error
        if not is_whole(streams.dropout_seed) or not 0 <= streams.dropout_seed < 2**63:
            raise ValueError(f"Expected a dropout_seed from 0 to 2⁶³ - 1, got {streams.dropout_seed!r}.")
        return streams
