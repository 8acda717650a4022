"""Tables for the end of a run. Tests may run in several processes; what each of them has to tell is printed by the first."""

from __future__ import annotations

from typing import Any

import pytest

TABLES: dict[str, list[str]] = {}  # lines by title


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the tables of a worker."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tables"] = TABLES


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Receive the tables of a worker; one that crashed has none."""
    TABLES.update(getattr(node, "workeroutput", {}).get("tables", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables."""
    for title, lines in TABLES.items():
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
