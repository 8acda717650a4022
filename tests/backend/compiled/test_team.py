"""The team: several threads run one list of commands, and get what one of them would."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")
import gpunet
from gpunet import layers
from gpunet.backend import blas
from gpunet.backend.compiled import team
from gpunet.backend.compiled.arguments import integer, vector
from gpunet.backend.compiled.issue import Command
from gpunet.backend.compiled.kernel import Call, Kernel
from gpunet.backend.compiled.program import Program
from gpunet.backend.compiled_backend import CompiledBackend
from gpunet.optimizers import SGD, AdamW

FLOAT64 = np.dtype("float64")


@Kernel
def shift(arguments):
    """to[i] = from[i + 1] + 1 in a ring, for one i."""
    source, target, i = vector(arguments, 0), vector(arguments, 1), integer(arguments, 2)
    target[i] = source[(i + 1) % len(source)] + 1


@Kernel
def add_up(arguments):
    """sum[0] += Σ from."""
    source, total = vector(arguments, 0), vector(arguments, 1)
    for i in range(len(source)):
        total[0] += source[i]


def ring(members: int) -> tuple[Program, Any, Any]:
    """Return a program in which each member needs what its neighbour has just written, its cells and their sum."""
    a, b, total = np.zeros(members), np.zeros(members), np.zeros(1)
    there = [Call(shift, FLOAT64, (a, b, i)) for i in range(members)]
    back = [Call(shift, FLOAT64, (b, a, i)) for i in range(members)]
    return Program([there, back, [Call(add_up, FLOAT64, (a, total))]]), a, total


@pytest.mark.parametrize("members", [2, 3, 5])
def test_nobody_begins_before_the_others_have_written_what_it_needs(members: int) -> None:
    program, cells, total = ring(members)
    team.run(program, 500)
    assert cells.tolist() == [1000] * members
    assert total[0] == members * sum(range(2, 1001, 2))


def test_launches_in_several_threads_are_all_whole() -> None:
    rings = [ring(3) for _ in range(4)]
    threads = [threading.Thread(target=team.run, args=(program, 200)) for program, _, _ in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [cells.tolist() for _, cells, _ in rings] == [[400] * 3] * 4


def fall_asleep(helper: team.Helper) -> None:
    """Wait until a helper no longer looks for launches."""
    while not is_asleep(helper):
        time.sleep(0.001)


def is_asleep(helper: team.Helper) -> bool:
    return helper.words[team.ASLEEP // team.SIZE] == 1


def test_helpers_are_there_for_the_next_launch_awake_or_asleep() -> None:
    program, cells, _ = ring(3)
    crew = team.Team()
    for launch in range(1, 200):
        crew.run(program, 5)
        assert cells.tolist() == [10 * launch] * 3
        if launch % 20 == 0:
            for helper in crew.helpers[: launch // 20 % 3]:
                fall_asleep(helper)


def test_helpers_of_one_program_are_not_needed_by_a_smaller_one() -> None:
    (large, many, _), (small, few, _) = ring(3), ring(2)
    crew = team.Team()
    for launch in range(1, 50):
        crew.run(large, launch)
        crew.run(small, 3)
    assert (many.tolist(), few.tolist()) == ([49 * 50] * 3, [6 * 49] * 2)


def test_a_launch_that_was_interrupted_before_it_began_leaves_the_team_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program, cells, _ = ring(3)
    crew = team.Team()
    crew.run(program, 5)

    def interrupted() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(crew.helpers[1], "call", interrupted)
        with pytest.raises(KeyboardInterrupt):
            crew.run(program, 10)
    fall_asleep(crew.helpers[0])  # would not return if it still expected the launch
    assert cells.tolist() == [10] * 3
    crew.run(program, 10)
    assert cells.tolist() == [30] * 3


def test_a_launch_begins_anew_where_a_fork_has_cut_one_off() -> None:
    program, cells, _ = ring(3)
    program.lines[:, 0] = 7, 9, 8  # as the child of a fork amidst a launch finds them
    team.Team().run(program, 100)
    assert cells.tolist() == [200] * 3


def test_a_helper_that_is_called_stays_awake() -> None:
    program, _, _ = ring(2)
    crew = team.Team()
    crew.run(program, 1)
    (helper,) = crew.helpers
    helper.call()
    time.sleep(0.1)  # a hundred times as long as it would look for a launch
    assert not is_asleep(helper)
    helper.dismiss()
    fall_asleep(helper)


def test_where_no_thread_can_be_started_one_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    program, cells, _ = ring(3)
    team.Team().run(program, 10)
    assert cells.tolist() == [20] * 3


def train(members: int, activation: str = "relu", optimizer: Any = "adam") -> tuple[set[int], list[Any]]:
    """Train in a team of so many; return how many took part in the programs, and the weights."""
    took_part = set()
    make = Program.__init__

    def remember(program: Program, commands: list[Command]) -> None:
        make(program, commands)
        took_part.add(program.members)

    gpunet.set_random_seed(0)
    gpunet.config.set_floatx("float64")
    generator = np.random.default_rng(1)
    x, y = generator.standard_normal((512, 90)), generator.integers(0, 10, 512)
    hidden = layers.Dense(300, activation=activation, kernel_regularizer="l2")
    dropout, last = layers.Dropout(0.3), layers.Dense(10, "softmax")
    model = gpunet.Sequential([hidden, dropout, last], backend=CompiledBackend())
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blas, "threads", lambda: members)
        patch.setattr(Program, "__init__", remember)
        model.fit(x, y, batch_size=256, epochs=2, verbose=0)
    return took_part, model.get_weights()


@pytest.mark.parametrize(
    "options",
    [
        {"activation": "relu"},
        {"activation": "silu"},
        {"optimizer": partial(AdamW, weight_decay=0.1, clipnorm=1.0, use_ema=True)},
        {"optimizer": partial(SGD, 0.1, momentum=0.9, nesterov=True)},
    ],
)
def test_a_team_learns_what_one_thread_learns(options: Any) -> None:
    def weights(members: int) -> list[Any]:
        made = {name: option() if callable(option) else option for name, option in options.items()}
        took_part, weights = train(members, **made)
        assert took_part == {members}
        return weights

    for one, other in zip(weights(1), weights(3), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-12)


def test_trainings_in_two_threads_learn_what_they_would_alone() -> None:
    x, y = np.random.default_rng(1).standard_normal((1024, 90)), np.ones((1024, 1))

    def fit(units: int) -> Any:
        first = layers.Dense(units, kernel_initializer="ones")
        model = gpunet.Sequential(
            [first, layers.Dense(1, kernel_initializer="ones")], backend=CompiledBackend()
        )
        model.compile(SGD(1e-6), "mse")
        return model.fit(x, y, batch_size=512, epochs=20, shuffle=False, verbose=0).history["loss"]

    alone = [fit(200), fit(300)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(fit, [200, 300])) == alone


START = """
    import atexit, os, warnings
    import numpy as np
    import gpunet
    from gpunet import layers
    from gpunet.backend import blas
    from gpunet.backend.compiled import team

    blas.threads = lambda: 2
    model = gpunet.Sequential([layers.Dense(300), layers.Dense(1)], backend="compiled")
    model.compile("sgd", "mse")
    fit = lambda: model.fit(np.zeros((256, 90)), np.zeros((256, 1)), batch_size=256, verbose=0)
    fit()
"""
FORK = """
    before = team._team
    warnings.simplefilter("ignore")  # of fork in a process with threads
    with blas.one_thread():
        child = os.fork()
    fit()
    if not child:
        os._exit(7 if team._team is not before and not blas._alone.callers else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
EXIT = """
    @atexit.register
    def last():
        team._team = team.Team()  # whose helpers would have to be started now
        fit()
        print(7)
"""


@pytest.mark.parametrize(("batch_size", "members"), [(1, 1), (600, 2)])
def test_steps_of_a_few_microseconds_are_left_to_one_thread(
    batch_size: int, members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs: list[Program] = []
    monkeypatch.setattr(blas, "threads", lambda: 2)
    monkeypatch.setattr(team, "run", lambda program, repeats: programs.append(program))
    model = gpunet.Sequential([layers.Dense(128), layers.Dense(10)], backend=CompiledBackend())
    model.compile("sgd", "mse")
    model.fit(np.zeros((600, 784)), np.zeros((600, 10)), batch_size=batch_size, verbose=0)
    assert {program.members for program in programs} == {members}


@pytest.mark.parametrize("what", [FORK, EXIT])
def test_a_forked_process_and_one_that_ends_can_train(what: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(START) + textwrap.dedent(what)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("7\n", "")
