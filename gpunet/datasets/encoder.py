"""How a table becomes what a network trains on, and how a network's answers become what the table held."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import NumberColumn, TextColumn, holds_numbers, numbers
from .table import Table, did_you_mean

MOST_CATEGORIES = 256
MOST_NUMBER_CLASSES = 20
_KINDS = {"number": NumberColumn, "text": TextColumn}
_TASKS = ("auto", "classification", "regression")


@dataclass(frozen=True)
class TableEncoder:
    """Turns the rows of a table into features and targets, with the same scaling whenever it is used.

    Make one with `TableEncoder.fit`. It is saved with a model (`get_config`), so that new rows are treated as
    the training rows were.

    Args:
        features: the columns to learn from, in the order of the network's inputs.
        target: the column to predict.

    Example:
        >>> table = Table({"age": ["20", "40"], "city": ["Rome", "Oslo"], "pass": ["no", "yes"]})
        >>> encoder = TableEncoder.fit(table, target="pass")
        >>> encoder.feature_names, encoder.task, encoder.classes
        (['age', 'city=Oslo', 'city=Rome'], 'binary', ['no', 'yes'])
        >>> encoder.transform(table).tolist()
        [[-1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
        >>> encoder.transform_target(table).tolist()
        [0, 1]
    """

    features: tuple[NumberColumn | TextColumn, ...]
    target: NumberColumn | TextColumn

    @classmethod
    def fit(
        cls,
        table: Table,
        target: str,
        *,
        task: str = "auto",
        ignore: Collection[str] = (),
        categorical: Collection[str] = (),
        rows: NDArray[np.int64] | None = None,
    ) -> TableEncoder:
        """Returns an encoder that knows the table's columns: the scale of numbers, the categories of texts.

        Args:
            table: the rows; each column but the target and the ignored ones becomes features.
            target: the name of the column to predict.
            task: "classification", "regression", or "auto" (see `fit_target`).
            ignore: columns to leave out, such as names and serial numbers.
            categorical: columns to treat as text although they hold numbers, such as postal codes.
            rows: the rows to measure mean and standard deviation on; all if not given. The categories are
                those of all rows.

        Raises:
            ValueError: if a column does not exist, the target is ignored, a number is missing or malformed, a
                text column has more than 256 categories, or the target has a single class.
        """
        for name in (*ignore, *categorical):
            table.column(name)
        if target in ignore:
            raise ValueError(
                f"{table.source}: column {target!r} is to be predicted and to be ignored; choose one"
            )
        if not len(table):
            raise ValueError(f"{table.source}: expected at least one row, got none")
        target_column = fit_target(table, target, task, rows)
        names = [name for name in table.columns if name != target and name not in ignore]
        if not names:
            raise ValueError(f"{table.source}: expected a column to learn from beside the target {target!r}")
        features: list[NumberColumn | TextColumn] = []
        for name in names:
            if name not in categorical and holds_numbers(table, name):
                features.append(NumberColumn.fit(table, name, rows))
                continue
            column = TextColumn.fit(table, name)
            if len(column.categories) > MOST_CATEGORIES:
                raise ValueError(
                    f"{table.source}: text column {name!r} has {len(column.categories)} different values, "
                    f"expected at most {MOST_CATEGORIES}, since each becomes an input; leave it out (ignore)"
                )
            features.append(column)
        return cls(tuple(features), target_column)

    @property
    def feature_names(self) -> list[str]:
        """The name of each input, "age" for a number and "city=Oslo" for a category."""
        return [name for column in self.features for name in column.feature_names]

    @property
    def classes(self) -> list[str] | None:
        """The classes in the order of their indices; None for regression."""
        return list(self.target.categories) if isinstance(self.target, TextColumn) else None

    @property
    def task(self) -> str:
        """What is to be learned: "binary" (two classes), "classification" or "regression"."""
        if self.classes is None:
            return "regression"
        return "binary" if len(self.classes) == 2 else "classification"

    def transform(self, table: Table) -> NDArray[np.float32]:
        """Returns the features, shape (rows, features), float32; other columns are not looked at.

        Raises:
            ValueError: if a column is missing, a number is missing or malformed, or a category is not known.
        """
        return np.concatenate([column.transform(table) for column in self.features], axis=1)

    def transform_target(self, table: Table) -> NDArray[np.int64] | NDArray[np.float32]:
        """Returns the targets, shape (rows,): class indices, int64, or standardised numbers, float32."""
        if isinstance(self.target, TextColumn):
            return self.target.indices(table)
        return self.target.transform(table)[:, 0]

    def decode_target(self, values: NDArray[Any]) -> list[str] | NDArray[np.float64]:
        """Undoes `transform_target`: class names for indices, the target's own units for scaled numbers.

        Example:
            >>> table = Table({"size": ["1", "2"], "price": ["100.5", "300.5"]})
            >>> encoder = TableEncoder.fit(table, target="price")
            >>> encoder.decode_target(np.array([-1.0, 0.0, 1.0])).tolist()
            [100.5, 200.5, 300.5]
        """
        if isinstance(self.target, TextColumn):
            return [self.target.categories[int(index)] for index in values]
        return np.asarray(values, dtype=np.float64) * self.target.std + self.target.mean

    def get_config(self) -> dict[str, Any]:
        """Returns everything that the encoder knows, as JSON can hold it."""
        return {"features": [_config(column) for column in self.features], "target": _config(self.target)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> TableEncoder:
        """Returns the encoder that `get_config` described; raises ValueError if it is damaged."""
        try:
            return cls(tuple(_column(entry) for entry in config["features"]), _column(config["target"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"TableEncoder: expected a configuration from get_config, got {config!r}"
            ) from error


def fit_target(
    table: Table, target: str, task: str = "auto", rows: NDArray[np.int64] | None = None
) -> NumberColumn | TextColumn:
    """Returns the target as a text column (classification) or a number column (regression).

    "auto" means: text is classes; whole numbers with at most 20 different values are classes; other numbers
    are regression.
    """
    if task not in _TASKS:
        raise ValueError(
            f"expected task as one of {', '.join(_TASKS)}, got {task!r}{did_you_mean(task, _TASKS)}"
        )
    texts: Sequence[str] = table.column(target)
    if task == "regression":
        return NumberColumn.fit(table, target, rows)
    if holds_numbers(table, target):
        values = np.unique(numbers(table, target))
        if task == "auto" and (len(values) > MOST_NUMBER_CLASSES or (values != np.round(values)).any()):
            return NumberColumn.fit(table, target, rows)
    if "" in texts:
        raise ValueError(f"{table.where(target, texts.index(''))}: the target is missing; leave the row out")
    column = TextColumn.fit(table, target)
    if len(column.categories) < 2:
        raise ValueError(
            f"{table.source}: expected at least two classes in target column {target!r}, got only "
            f"{column.categories[0]!r}"
        )
    return column


def _config(column: NumberColumn | TextColumn) -> dict[str, Any]:
    kind = next(kind for kind, cls in _KINDS.items() if isinstance(column, cls))
    return {
        "kind": kind,
        **{key: list(v) if isinstance(v, tuple) else v for key, v in asdict(column).items()},
    }


def _column(config: dict[str, Any]) -> NumberColumn | TextColumn:
    if _KINDS[config["kind"]] is NumberColumn:
        return NumberColumn(str(config["name"]), float(config["mean"]), float(config["std"]))
    return TextColumn(str(config["name"]), tuple(str(category) for category in config["categories"]))
