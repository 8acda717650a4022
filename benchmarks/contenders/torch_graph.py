"""PyTorch with the whole step, optimizer included, in one CUDA graph."""

from __future__ import annotations

from typing import Any

import torch

from ..workloads import Array, Workload
from . import UnavailableError
from .torch_loop import Torch

WARM = 3  # steps before the capture, as PyTorch's notes on CUDA graphs ask for


class TorchGraph(Torch):
    """Replays a captured step: gather, forward, backward, optimizer, sum of the losses."""

    def __init__(self, workload: Workload, x: Array, y: Array, weights: list[Array], option: str) -> None:
        if not torch.cuda.is_available():
            raise UnavailableError("CUDA graphs need a GPU that PyTorch can use")
        super().__init__(workload, x, y, weights, option)
        self.rows = torch.arange(workload.batch_size, device=self.where)
        self.total = torch.zeros((), device=self.where)
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM):
                self.step(self.rows)
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(self.graph):
            self.total += self.step(self.rows)
        self.reset()

    def _optimizer(self, **options: Any) -> torch.optim.Optimizer:
        return super()._optimizer(capturable=True)

    def fit(self, epochs: int, shuffle: bool) -> list[float]:
        losses = []
        for _ in range(epochs):
            order = (torch.randperm if shuffle else torch.arange)(len(self.x), device=self.where)
            self.total.zero_()
            batches = order.split(self.workload.batch_size)
            for rows in batches:
                self.rows.copy_(rows)
                self.graph.replay()
            losses.append(self.total.item() / len(batches))
        return losses
