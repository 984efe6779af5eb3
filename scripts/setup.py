#!/usr/bin/env python3
"""Sets the project up: Python 3.10, the locked packages in .venv, the sentence encoder in var/encoder.

Run by ``make``, with whatever ``python3`` comes first on PATH (3.8 or later); needs the standard library alone. Safe to
run twice, and to run again after it was interrupted: .venv/setup.json is written last and says what was installed.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent

LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}
"""What a group installs. The lock of ``test`` holds everything of the lock of ``run`` and more."""

HEARTBEAT = 30
"""Seconds of silence after which a long step says that it is still going on."""

PROBE = (
    "import bz2, ctypes, sqlite3, ssl, sys, zlib; "
    "assert sys.version_info[:2] == (3, 10) and sys.implementation.name == 'cpython'; "
    "print(getattr(sys, '_base_executable', sys.executable))"
)
"""Ends well only on a complete CPython 3.10, and then prints where it lies, outside of any virtual environment."""

AGAIN = "then run `make setup` again."
VENV_PACKAGE = "python{}.{}-venv".format(*sys.version_info[:2])
MENDS = (
    (r"No space left on device|os error 28", f"The disk is full: free about 5 GB, {AGAIN}"),
    (
        r"ensurepip is not|No module named '?(ensurepip|venv|pip)\b",
        f"This Python cannot make virtual environments: install `{VENV_PACKAGE}` (apt-get install {VENV_PACKAGE} on "
        f"Debian and Ubuntu), {AGAIN}",
    ),
    (
        r"(?i)hash mismatch|do not match the hashes",
        f"A downloaded package is not the one that the lock names: delete it with `uv cache clean`, {AGAIN}",
    ),
    (
        r"(?i)name resolution|dns error|failed to fetch|error sending request|connection (refused|reset|error)|"
        r"network is unreachable|timed out|could not find a version|failed to download|max retries",
        f"The package index cannot be reached: check the network, or name a mirror in PIP_INDEX_URL, {AGAIN}",
    ),
    (r"(?i)permission denied|read-only file system", f"This folder cannot be written to: change its owner, {AGAIN}"),
)
"""Patterns in the output of a failed step and the sentence that says what to do; the first that fits is shown."""

FROM_PIP = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
"""Settings of pip that uv does not read by itself, and how uv calls them."""


class Failure(Exception):
    """A step went wrong; the message is one sentence that says what to do."""


def advice(output: str, step: str) -> str:
    """Says what to do about a failed step.

    Args:
        output: what the step printed.
        step: what it was, as the beginning of a sentence.

    Returns:
        One sentence.
    """
    for pattern, sentence in MENDS:
        if re.search(pattern, output):
            return sentence
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "no message")
    return f"{step} failed ({last}): see var/setup.log, mend it, {AGAIN}"


def sha256(path: Path) -> str:
    """Returns the hash of a file's bytes, empty where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def remove(path: Path) -> None:
    """Deletes a file that need not be there."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


class Setup:
    """The steps, each of which does nothing where its work is already done."""

    def __init__(self, root: Path = ROOT) -> None:
        """Plans the set-up of a checkout.

        Args:
            root: the project's top folder.
        """
        self.root = root
        self.venv = root / ".venv"
        self.stamp = self.venv / "setup.json"
        self.log = root / "var" / "setup.log"
        self.uv = root / "var" / "tools" / "bin" / "uv"
        self.encoder = root / "var" / "encoder"
        self.audit_lock = root / "scripts" / "audit.lock"
        self.audit_stamp = root / "var" / "audit" / "lock.sha256"
        self.started = time.monotonic()
        self.environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}

    def say(self, text: str) -> None:
        """Prints a line of progress with the seconds since the start."""
        print(f"[{time.monotonic() - self.started:6.1f} s] {text}", flush=True)

    def prepare(self, group: str) -> None:
        """Brings the checkout to the state that a group needs.

        Args:
            group: ``run``, ``test``, ``tools`` (uv alone, for ``make lock``), or ``audit`` (what ``make audit`` and
                ``make sbom`` call).

        Raises:
            Failure: a step went wrong.
        """
        if group != "tools" and self.is_ready(group):
            return
        self.log.parent.mkdir(exist_ok=True)
        with self.alone():
            self.log.write_bytes(b"")
            self.install_uv()
            if group == "audit":
                self.install_audit()
            elif group != "tools":
                self.install(group)

    def is_ready(self, group: str) -> bool:
        """Tells whether nothing is left to do, from the stamp alone: no process is started."""
        if group == "audit":
            return self.audit_stamp.is_file() and self.audit_stamp.read_text(encoding="utf-8") == sha256(
                self.audit_lock
            )
        done, wanted = self.done(), self.wanted(group)
        files = (self.venv / "bin" / "python", self.encoder / "encoder.onnx", self.encoder / "tokenizer.json")
        return all(done.get(key) == value for key, value in wanted.items()) and all(file.exists() for file in files)

    def wanted(self, group: str) -> dict[str, str]:
        """Returns what the stamp must say: the hash of each lock the group needs, and of what builds the encoder."""
        groups = list(LOCKS)[: list(LOCKS).index(group) + 1]
        hashes = {name: sha256(self.root / LOCKS[name]) for name in groups}
        return {**hashes, "encoder": sha256(self.root / "nlu" / "minilm.py")}

    def done(self) -> dict[str, str]:
        """Returns what the stamp says; nothing where there is none or it is damaged."""
        try:
            return dict(json.loads(self.stamp.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until no other set-up of this checkout is going on."""
        with (self.root / "var" / "setup.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.say("waiting for another set-up of this folder to end")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def install(self, group: str) -> None:
        """Makes .venv, fills it from the lock and builds the encoder.

        Args:
            group: ``run`` or ``test``; ``run`` never takes away what ``test`` installed.
        """
        before = self.done()
        group = "test" if "test" in before else group
        if not self.is_ready(group):
            self.make_venv()
            remove(self.stamp)
            self.install_packages(LOCKS[group])
            self.build_encoder(before.get("encoder"))
            scratch = self.stamp.with_suffix(".new")
            scratch.write_text(json.dumps(self.wanted(group), indent=2) + "\n", encoding="utf-8")
            scratch.replace(self.stamp)
            self.say("ready")

    def install_audit(self) -> None:
        """Puts what scripts/audit.lock names into var/audit: it wants newer versions of what Rasa pins."""
        folder = self.audit_stamp.parent
        self.say("installing pip-audit and cyclonedx-bom into var/audit")
        options = ("--quiet", "--no-project", "--clear", "--force", "--python", self.find_python())
        self.run("Making var/audit", self.uv, "venv", *options, folder)
        options = ("--quiet", "--require-hashes", "--python", folder / "bin" / "python")
        self.run("Installing the audit's programs", self.uv, "pip", "sync", *options, self.audit_lock)
        self.audit_stamp.write_text(sha256(self.audit_lock), encoding="utf-8")

    def install_uv(self) -> None:
        """Puts the uv that scripts/tools.lock names into var/tools."""
        lock = self.root / "scripts" / "tools.lock"
        version = re.findall(r"(?m)^uv==(\S+)", lock.read_text(encoding="utf-8"))[0]
        if self.answer(self.uv, "--version").split()[:2] != ["uv", version]:
            self.say(f"installing uv {version} into var/tools")
            tools = self.root / "var" / "tools"
            self.run("Making var/tools", sys.executable, "-m", "venv", "--clear", tools)
            self.run("Installing uv", tools / "bin" / "pip", "install", "--require-hashes", "-r", lock)
        for line in self.answer(self.uv.with_name("python"), "-m", "pip", "config", "list").splitlines():
            name, _, value = line.partition("=")
            if name.split(".")[-1] in FROM_PIP:
                self.environment.setdefault(FROM_PIP[name.split(".")[-1]], value.strip("'\""))

    def make_venv(self) -> None:
        """Makes .venv with Python 3.10, anew where it is broken."""
        if self.answer(self.venv / "bin" / "python", "-c", PROBE):
            return
        python = self.find_python()
        self.say(f"making .venv with {python}")
        options = ("--quiet", "--no-project", "--clear", "--force", "--python", python)
        self.run("Making .venv", self.uv, "venv", *options, self.venv)

    def find_python(self) -> str:
        """Finds a CPython 3.10 that really runs, or has uv fetch one.

        Returns:
            Its path.

        Raises:
            Failure: there is none and none can be fetched.
        """
        for candidate in self.candidates():
            found = self.answer(candidate, "-c", PROBE)
            if found:
                return found
        self.say("no Python 3.10 on this machine, fetching one")
        try:
            self.run("Fetching Python 3.10", self.uv, "python", "install", "3.10")
        except Failure:
            raise Failure(
                f"There is no Python 3.10 here and none could be fetched: install it (`pyenv install 3.10`), {AGAIN}"
            ) from None
        return self.answer(self.uv, "python", "find", "--no-project", "--managed-python", "3.10")

    def candidates(self) -> Iterator[Path]:
        """Yields where a Python 3.10 may lie. Some are shims that only say that no version is selected."""
        yield Path(sys.executable)
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            if (Path(folder) / "python3.10").is_file():
                yield Path(folder) / "python3.10"
        pyenv = Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser()
        yield from sorted(pyenv.glob("versions/3.10*/bin/python3.10"), reverse=True)
        managed = self.answer(self.uv, "python", "find", "--no-project", "--no-python-downloads", "3.10")
        if managed:
            yield Path(managed)

    def install_packages(self, lock: str) -> None:
        """Makes .venv hold exactly what a lock says."""
        count = len(re.findall(r"(?m)^\S+==", (self.root / lock).read_text(encoding="utf-8")))
        self.say(f"installing {count} packages from {lock} (about 3 GB on the disk)")
        options = ("--require-hashes", "--compile-bytecode", "--python", self.venv / "bin" / "python")
        self.run("Installing the packages", self.uv, "pip", "sync", "--quiet", *options, self.root / lock)

    def build_encoder(self, built_by: str | None) -> None:
        """Builds the sentence encoder where there is none or nlu/minilm.py has changed since."""
        files = [self.encoder / "encoder.onnx", self.encoder / "tokenizer.json"]
        if built_by != sha256(self.root / "nlu" / "minilm.py"):
            for file in files:
                remove(file)
        if not all(file.exists() for file in files):
            self.say("building the sentence encoder in var/encoder")
            self.run("Building the sentence encoder", self.venv / "bin" / "python", "-m", "nlu.minilm")

    def answer(self, *command: object) -> str:
        """Runs a program that may be missing or broken; returns what it printed, nothing where it failed."""
        try:
            words = [str(word) for word in command]
            done = subprocess.run(words, stdout=-1, stderr=-3, cwd=self.root, env=self.environment, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""

    def run(self, step: str, *command: object) -> None:
        """Runs a program with its output in var/setup.log.

        Args:
            step: what it does, as the beginning of a sentence.
            command: the program and its arguments.

        Raises:
            Failure: it ended with another code than 0.
        """
        words = [str(word) for word in command]
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(words)}\n".encode())
            log.flush()
            start = log.tell()
            process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT, cwd=self.root, env=self.environment)
            while self.is_running(process):
                self.say(f"{step[0].lower()}{step[1:]}: still going on")
        if process.returncode != 0:
            raise Failure(advice(self.log.read_bytes()[start:].decode(errors="replace"), step))

    def is_running(self, process: subprocess.Popen[bytes]) -> bool:
        """Waits for a program for the length of a heartbeat; tells whether it goes on after that."""
        try:
            process.wait(HEARTBEAT)
        except subprocess.TimeoutExpired:
            return True
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Sets up what the command line asks for.

    Args:
        arguments: the words of the command line; of this process where None.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description="Set the project up.")
    parser.add_argument(
        "group", nargs="?", choices=[*LOCKS, "tools", "audit"], default="run", help="what for (default: run)"
    )
    try:
        Setup().prepare(parser.parse_args(arguments).group)
    except Failure as failure:
        return fail(str(failure))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return fail(advice("No space left on device" if full else str(error), "Setting up"))
    except KeyboardInterrupt:
        return fail("Interrupted: run `make setup` again to go on.", 130)
    return 0


def fail(sentence: str, code: int = 1) -> int:
    """Says what went wrong and returns the exit code for it."""
    print(f"\n{sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
