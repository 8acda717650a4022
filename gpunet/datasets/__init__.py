"""Data to train on: real sets (`digits`, `fashion_mnist`, CSV files) and the lecture's own, generated.

(x_train, y_train), (x_test, y_test) = gpunet.datasets.digits.load_data()
(x_train, y_train), (x_test, y_test) = gpunet.datasets.load("moons", noise=0.2)
x, y = gpunet.datasets.spirals(samples=1000, seed=7)
"""

from __future__ import annotations

from . import csv, digits, fashion_mnist
from .boundaries import regions
from .catalog import load, names, options
from .course import students
from .csv import load_csv, read_csv
from .encoder import TableEncoder
from .gates import and_, or_, xor
from .idx import read_idx
from .shapes import circles, clouds, moons, spirals
from .table import Table

__all__ = [
    "Table",
    "TableEncoder",
    "and_",
    "circles",
    "clouds",
    "csv",
    "digits",
    "fashion_mnist",
    "load",
    "load_csv",
    "moons",
    "names",
    "options",
    "or_",
    "read_csv",
    "read_idx",
    "regions",
    "spirals",
    "students",
    "xor",
]
