"""PyTorch: the loop its users write, eagerly or through ``torch.compile``."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import nn

from ..workloads import EPSILON, Array, Workload


class Torch:
    """Data on the device, a fused optimizer, and a loss that is read once an epoch; ``option`` may say "compile"."""

    epsilon_corrected = True

    def __init__(self, workload: Workload, x: Array, y: Array, weights: list[Array], option: str) -> None:
        self.where = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.device = "gpu" if self.where.type == "cuda" else "cpu"
        self.workload, self.weights = workload, weights
        self.x, self.y = torch.from_numpy(x).to(self.where), torch.from_numpy(y).to(self.where)
        hidden = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}[workload.hidden]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(workload.sizes):
            layers += [nn.Linear(inputs, outputs), hidden()]
        self.model = nn.Sequential(*layers[:-1]).to(self.where)
        self.criterion = nn.BCEWithLogitsLoss() if workload.binary else nn.CrossEntropyLoss()
        self.forward: Any = self._forward
        if option == "compile":
            mode = "reduce-overhead" if self.device == "gpu" else "default"
            self.forward = torch.compile(self._forward, mode=mode)
        self.optimizer = self._optimizer()
        self.reset()

    def _optimizer(self, **options: Any) -> torch.optim.Optimizer:
        parameters, rate = self.model.parameters(), self.workload.learning_rate
        if self.workload.optimizer == "adam":
            return torch.optim.Adam(parameters, rate, eps=EPSILON, fused=True, **options)
        return torch.optim.SGD(parameters, rate, fused=True)

    def _forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = self.criterion(self.model(x), y)
        return loss

    def reset(self) -> None:
        with torch.no_grad():
            for parameter, value in zip(self.model.parameters(), self.weights, strict=True):
                parameter.copy_(torch.from_numpy(value.T))
            for state in self.optimizer.state.values():
                for slot in state.values():
                    slot.zero_()

    def step(self, rows: torch.Tensor) -> torch.Tensor:
        """Train on these rows and return the loss, on the device."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward(self.x.index_select(0, rows), self.y.index_select(0, rows))
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def fit(self, epochs: int, shuffle: bool) -> list[float]:
        losses = []
        for _ in range(epochs):
            order = (torch.randperm if shuffle else torch.arange)(len(self.x), device=self.where)
            batches = order.split(self.workload.batch_size)
            total = torch.zeros((), device=self.where)
            for rows in batches:
                total += self.step(rows)
            losses.append(total.item() / len(batches))
        return losses

    def predict(self, x: Array) -> Any:
        with torch.no_grad():
            return self.model(torch.from_numpy(x).to(self.where)).argmax(dim=1).cpu().numpy()
