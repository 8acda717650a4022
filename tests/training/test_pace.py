"""How often the host looks at the progress: about every 0.1 s, however long a launch takes to return."""

from __future__ import annotations

import pytest

from gpunet.training import pace as module
from gpunet.training.pace import Pace


class Clock:
    """A clock that the test sets, and a device that works on what was launched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step: float, waits: bool) -> None:
        self.now, self.step, self.waits = 0.0, step, waits
        self.device = 0.0  # when it will be done with everything
        monkeypatch.setattr(module.time, "perf_counter", lambda: self.now)

    def run(self, pace: Pace, steps: int) -> list[float]:
        """Run an epoch; return the times between looks."""
        pace.start()
        done, looks, last = 0, [], self.now
        while done < steps:
            size = min(pace.chunk, pace.left(), steps - done)
            began = self.now
            self.device = max(self.device, self.now) + size * self.step
            self.now = self.device if self.waits else self.now + 5e-6
            done += size
            pace.launched(size, self.now - began)
            if pace.due():
                self.now = max(self.now, self.device)  # a look waits for the device
                looks.append(self.now - last)
                last = self.now
                pace.looked()
        return looks


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("step", [1e-5, 1e-3, 0.03])
def test_looks_are_a_tenth_of_a_second_apart(
    monkeypatch: pytest.MonkeyPatch, step: float, waits: bool
) -> None:
    looks = Clock(monkeypatch, step, waits).run(Pace(), int(5 / step))
    assert max(looks) < 0.25
    settled = looks[len(looks) // 2 :]
    assert all(0.05 < look < 0.2 for look in settled)


def test_what_was_learnt_is_kept_for_the_next_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    pace, clock = Pace(), Clock(monkeypatch, 1e-4, waits=False)
    first, second = clock.run(pace, 10_000), clock.run(pace, 10_000)
    assert len(second) < len(first)
    assert second[0] > 0.05


def test_a_step_longer_than_that_is_followed_by_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Clock(monkeypatch, 2.0, waits=False).run(Pace(), 4) == [2.0] * 4
