"""All processes of the demo, in the order of their start."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from demo.launcher.child import Child
from demo.launcher.data_folder import DataFolder
from demo.launcher.errors import CannotStart, ChildDied
from demo.launcher.options import ROOT
from demo.launcher.stop_signals import StopSignals

GRACE = 10.0
"""Seconds that a process gets to end by itself; the worker finishes its answers in them."""


class Crew:
    """Starts, watches and ends the processes. Every wait has a bound and sees a stop signal."""

    def __init__(self, folder: DataFolder, signals: StopSignals) -> None:
        self._folder = folder
        self._signals = signals
        self._children: list[Child] = []

    def start(self, name: str, arguments: Sequence[str], env: Mapping[str, str]) -> Child:
        """Start a process that shall run as long as the demo."""
        child = Child(name, arguments, env=env, cwd=ROOT, log=self._folder.logs / f"{name}.log")
        self._children.append(child)
        return child

    def run(self, name: str, arguments: Sequence[str], env: Mapping[str, str], *, seconds: float) -> None:
        """Run a step to its end; raise CannotStart when it fails or takes longer than ``seconds``."""
        step = self.start(name, arguments, env)
        deadline = time.monotonic() + seconds
        while (code := step.exit_code()) is None:
            if time.monotonic() > deadline:
                raise CannotStart(f"The step {name} took longer than {seconds:.0f} s:\n{step.tail()}")
            self._signals.pause(0.2)
        self._children.remove(step)
        if code:
            raise CannotStart(f"The step {name} failed; the end of {step.log}:\n{step.tail()}")

    def wait_for(self, ready: Callable[[], bool], child: Child, *, seconds: float) -> None:
        """Wait until ``child`` is ready; raise when it, or another, dies or it takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise CannotStart(f"{child.name} is not ready after {seconds:.0f} s:\n{child.tail()}")
            self._signals.pause(0.05)

    def check(self) -> None:
        """Raise ChildDied when a process has ended by itself."""
        for child in self._children:
            code = child.exit_code()
            if code is not None:
                how = f"with exit code {code}" if code >= 0 else f"by signal {-code}"
                raise ChildDied(f"{child.name} ended {how}; the end of {child.log}:\n{child.tail()}")

    def watch(self) -> None:
        """Stay until a process dies or somebody stops the demo; both are raised."""
        while True:
            self.check()
            self._signals.pause(1.0)

    def stop(self) -> None:
        """End all processes, the first started last; a second stop signal ends the patience."""
        asked_before = self._signals.count
        for group in (self._children[1:], self._children[:1]):
            for child in group:
                child.terminate()
            deadline = time.monotonic() + GRACE
            while any(child.exit_code() is None for child in group):
                if time.monotonic() > deadline or self._signals.count > asked_before:
                    break
                self._signals.rest(0.1)
            for child in group:
                child.kill()
        self._children.clear()
