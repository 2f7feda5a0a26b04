"""The app as a process: a listening socket, one or several workers, a ready line, and a clean end."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from gateway.http.connection import Connection
from gateway.settings import Settings
from gateway.telemetry.logs import configure_logging
from gateway.telemetry.metrics import MULTIPROCESS_DIR

_WORKER_START = 60
"""Seconds that a worker may take to start."""
_PONG = 1
"""Seconds that a worker which should be ready may take to say so."""
_KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than load balancers keep theirs (60), so that they close first."""

_YOUNG_OBJECTS = 50_000
"""New objects after which garbage is looked for among them: some 5 MB."""


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound and takes connections as soon as a server serves it; port 0 takes a free one.

    Raises:
        CannotListen: the port is taken, or the host is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            sock.listen(2048)
            sock.set_inheritable(True)
        except BaseException:
            sock.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"port {port} on {host} is taken: stop what listens there, or choose another") from error
        raise CannotListen(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return sock


def graphql_url(sock: socket.socket) -> str:
    """The URL of the API on a listening socket."""
    host, port = sock.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/graphql"


def serve(app: Starlette, sock: socket.socket, settings: Settings, on_ready: Callable[[], None]) -> int:
    """Serve from this process until a signal ends it.

    Returns:
        The exit status.
    """
    _ignore_what_uvicorn_raises_again()
    _settle()
    server = _Server(_config(settings, app), on_ready)
    try:
        server.run([sock])
    finally:
        sock.close()
    return 0 if server.started else STARTUP_FAILURE


def serve_workers(count: int, sock: socket.socket, settings: Settings, on_ready: Callable[[], None]) -> int:
    """Serve from several processes that share a socket; one that dies is replaced. Each reads the environment itself.

    Returns:
        The exit status.
    """
    shared = tempfile.mkdtemp(prefix="contactgraph-metrics-")
    os.environ[MULTIPROCESS_DIR] = shared
    try:
        supervisor = _Supervisor(_config(settings, "gateway.server:worker", workers=count), sock, on_ready, shared)
        supervisor.run()
        failed = any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes)
        return STARTUP_FAILURE if failed else 0
    finally:
        sock.close()
        del os.environ[MULTIPROCESS_DIR]
        shutil.rmtree(shared, ignore_errors=True)


def worker() -> Starlette:
    """What a worker process serves, for as long as its supervisor is there."""
    configure_logging()
    threading.Thread(target=_end_with_supervisor, name="supervisor", daemon=True).start()
    from gateway.app import create_app  # here, since the supervisor, which loads this module too, needs no app

    app = create_app()
    _settle()
    return app


def _end_with_supervisor() -> None:
    """A supervisor that was killed can tell nobody; its workers would go on, and hold the port, for ever."""
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _settle() -> None:
    """The garbage collector need not look again at what was built, nor after each few hundred objects at the rest.

    A page of a thousand events makes ten thousand objects, and few of any request's are in cycles: with Python's own
    thresholds a third of such a request went by in collections of a schema that never changes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)


def _config(settings: Settings, app: Any, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        http=cast(Any, partial(Connection, seconds=settings.request_timeout)),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=max(1, round(settings.request_timeout)),
        timeout_worker_healthcheck=_WORKER_START,
    )


def _ignore_what_uvicorn_raises_again() -> None:
    """After a graceful end uvicorn raises the signal anew; that end was clean and is exit status 0."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: None)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


class _Supervisor(Multiprocess):
    """Says once that every worker serves, and forgets the gauges of workers that are gone."""

    def __init__(self, config: uvicorn.Config, sock: socket.socket, on_ready: Callable[[], None], shared: str) -> None:
        super().__init__(config, [sock])
        self._on_ready = on_ready
        self._shared = shared
        self._announced = False
        self._known: set[int | None] = set()

    def init_processes(self) -> None:
        super().init_processes()
        self._look(_WORKER_START)

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        self._look(_PONG)

    def _look(self, patience: float) -> None:
        """See who is there; one that had to be replaced before it was ready may be awaited still."""
        for process in self.processes:
            # While this process holds the worker's end too, a worker that dies before it has answered a ping is waited
            # for until the health check's time is up, and nobody looks after the others.
            process.child_conn.close()
        pids = {process.pid for process in self.processes}
        for gone in self._known - pids:
            # Its requests in flight went with it.
            mark_process_dead(gone, self._shared)  # type: ignore[no-untyped-call]
        self._known = pids
        if not self._announced and all(
            process.wait_until_ready(patience, self.should_exit) for process in self.processes
        ):
            self._announced = True
            self._on_ready()
