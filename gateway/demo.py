"""``contactgraph demo``: the embedded upstreams and the gateway, started and stopped together."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gateway import server
from gateway.app import build_app
from gateway.graphiql import DEFAULT_QUERY
from gateway.settings import read_settings
from upstreams.registry import SPECS

_RENEWAL = frozenset({"RECHAT_CLIENT_ID", "RECHAT_CLIENT_SECRET", "RECHAT_REFRESH_TOKEN"})
"""What renews access tokens and then is kept in the operator's state, where it would outlive the sandbox."""
_STOP = 10
"""Seconds that the sandbox may take to stop."""


class SandboxFailed(Exception):
    """The sandbox did not start."""


def run_demo(port: int, *, seed: int | None = None, contacts: int | None = None, events: int | None = None) -> int:
    """Serve a made-up organization on the loopback until a signal comes or the sandbox dies.

    Args:
        port: where the gateway listens; 0 takes a free port.
        seed: of the made-up data; None leaves it, and the numbers, to the sandbox.
        contacts: how many contacts.
        events: how many events.

    Returns:
        The exit status.
    """
    try:
        sock = server.listen("127.0.0.1", port)
    except server.CannotListen as error:
        print(f"contactgraph: {error} (--port 0 takes a free one)", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _leave)
    died = threading.Event()
    try:
        with (
            sock,
            TemporaryDirectory(prefix="contactgraph-demo-") as state,
            _sandbox(died, seed=seed, contacts=contacts, events=events) as environ,
        ):
            # What is kept of made-up people is of no use afterwards.
            settings = read_settings({"GATEWAY_STATE_DIR": state, **environ})
            app = build_app(settings, eager=True)
            status = server.serve(app, sock, settings, lambda: _greet(sock.getsockname()[1], settings.only_trusted))
    except SandboxFailed as error:
        print(f"contactgraph: {error}", file=sys.stderr)
        return 1
    if died.is_set():
        print("contactgraph: the sandbox died, so the demo ends", file=sys.stderr)
        return 1
    return status


def _leave(number: int, frame: object) -> None:
    """A signal before the server runs: end as Ctrl-C does, so that the sandbox is stopped too."""
    raise KeyboardInterrupt


@contextmanager
def _sandbox(died: threading.Event, **options: int | None) -> Iterator[Mapping[str, str]]:
    """Run the sandbox; what is yielded is the environment that points the gateway at it.

    It has a session of its own: Ctrl-C reaches the gateway alone, which still signs out before the sandbox stops.
    """
    command = [sys.executable, "-P", "-m", "sandbox", "--port", "0"]
    command += [part for name, value in options.items() if value is not None for part in (f"--{name}", str(value))]
    root = str(Path(__file__).resolve().parent.parent)
    python_path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    process = subprocess.Popen(  # noqa: S603 - our own module, and numbers
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": python_path},
    )
    stopping = threading.Event()

    def watch() -> None:
        process.wait()
        if not stopping.is_set():
            died.set()
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        line = process.stdout.readline()
        if not line:
            raise SandboxFailed(f"the sandbox did not start (exit status {process.wait()})")
        environ = _environment(json.loads(line))
        threading.Thread(target=watch, name="sandbox", daemon=True).start()
        yield environ
    finally:
        stopping.set()
        process.terminate()
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _environment(announced: Mapping[str, Any]) -> dict[str, str]:
    """This process's environment with the sandbox in the place of every source that it configures.

    The sandbox's ``{"cloud4wi": {"clientKey": …}}`` is ``CLOUD4WI_CLIENT_KEY``.
    """
    theirs = {setting.name for spec in SPECS for setting in spec.settings}
    environ = {name: value for name, value in os.environ.items() if name not in theirs}
    for source, credentials in announced.items():
        if isinstance(credentials, dict):
            for key, value in credentials.items():
                snake = re.sub(r"(?=[A-Z])", "_", key)
                environ[f"{source}_{snake}".upper()] = str(value)
    return {name: value for name, value in environ.items() if name not in _RENEWAL}


def _greet(port: int, only_trusted: bool) -> None:
    if only_trusted:
        advice = "It runs trusted documents only, so there is no GraphiQL."
    else:
        query = "\n".join(line for line in DEFAULT_QUERY.strip().splitlines() if not line.startswith("#"))
        advice = f"Open it in a browser: that is GraphiQL. A query to paste:\n\n{query}"
    print(f"Contactgraph is ready at http://127.0.0.1:{port}/graphql\n\n{advice}\n\nCtrl-C stops the demo.", flush=True)
