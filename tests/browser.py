"""Drives headless Chromium from a test, over the DevTools protocol: one page, its requests and its problems."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

TIMEOUT = 60.0
"""Seconds before a step that never ends fails its test; no step is expected to come near it."""

FLAGS = """
    --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync
    --disable-component-update --disable-dev-shm-usage --remote-debugging-port=0 --window-size=1280,800
"""


def chromium() -> str:
    """The path of Chromium or Chrome; skips the test where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    pytest.skip("needs chromium")


class Page:
    """One page and its workers: what they asked for, and what went wrong in them."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.requests: list[str] = []
        """URLs in order of request, data and blob URLs left out."""
        self.problems: list[str] = []
        """Violations of the content security policy, uncaught exceptions, errors written to the console."""
        self._socket = socket
        self._session = ""
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self._answer: Callable[[str], bytes | None] = lambda url: None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def goto(self, url: str) -> None:
        """Opens ``url`` and returns after its load event."""
        self._loaded.clear()
        await self._send("Page.navigate", url=url)
        async with asyncio.timeout(TIMEOUT):
            await self._loaded.wait()

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited."""
        result = await self._send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def wait_for(self, expression: str) -> Any:
        """The JSON value of ``expression`` in the first frame in which it is true."""
        look = f"const look = () => {{ const v = {expression}; v ? done(v) : requestAnimationFrame(look) }}; look()"
        return await self.evaluate(f"new Promise(done => {{ {look} }})")

    async def click(self, selector: str) -> None:
        """Clicks the middle of the first element that ``selector`` finds, once it is there."""
        box = await self.wait_for(f"document.querySelector({json.dumps(selector)})?.getBoundingClientRect().toJSON()")
        at: dict[str, Any] = {
            "x": box["x"] + box["width"] / 2,
            "y": box["y"] + box["height"] / 2,
            "button": "left",
            "clickCount": 1,
        }
        await self._send("Input.dispatchMouseEvent", type="mousePressed", **at)
        await self._send("Input.dispatchMouseEvent", type="mouseReleased", **at)

    async def write(self, text: str) -> None:
        """Inserts text where the focus is."""
        await self._send("Input.insertText", text=text)

    async def press(self, key: str, code: int, *, ctrl: bool = False) -> None:
        """Presses one key, given as its DOM name and its key code."""
        event: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 2 if ctrl else 0}
        await self._send("Input.dispatchKeyEvent", type="rawKeyDown", **event)
        await self._send("Input.dispatchKeyEvent", type="keyUp", **event)

    async def intercept(self, pattern: str, answer: Callable[[str], bytes | None]) -> None:
        """Answers requests to URLs like ``pattern`` (``*`` is a wildcard) from here; None refuses the connection."""
        self._answer = answer
        await self._send("Fetch.enable", patterns=[{"urlPattern": pattern}])

    async def prefer(self, scheme: str) -> None:
        """Tells pages which colour scheme the user prefers: ``light`` or ``dark``."""
        await self._send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def screenshot(self) -> bytes:
        """A PNG of what is visible."""
        return base64.b64decode((await self._send("Page.captureScreenshot"))["data"])

    async def open(self) -> None:
        """Makes the page; everything that it and its workers do is recorded from here on."""
        self._spawn(self._listen())
        target = (await self._send("Target.createTarget", url="about:blank"))["targetId"]
        self._session = (await self._send("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            await self._send(f"{domain}.enable")
        await self._send("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)

    async def close(self) -> None:
        """Ends the browser."""
        await self._send("Browser.close", session="")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, method: str, *, session: str | None = None, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        message = {"id": number, "method": method, "params": params}
        if session := self._session if session is None else session:
            message["sessionId"] = session
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._socket.send_json(message)
                return await future
        finally:
            del self._waiting[number]

    async def _listen(self) -> None:
        async for frame in self._socket:
            message = frame.json()
            if "method" in message:
                self._event(message["method"], message["params"], message.get("sessionId", ""))
            elif future := self._waiting.get(message["id"]):
                if "error" in message:
                    future.set_exception(RuntimeError(message["error"]["message"]))
                else:
                    future.set_result(message["result"])
        for future in self._waiting.values():
            future.set_exception(ConnectionError("Chromium went away"))

    def _event(self, method: str, params: dict[str, Any], session: str) -> None:
        match method:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Network.requestWillBeSent" if not params["request"]["url"].startswith(("data:", "blob:")):
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.problems.append(json.dumps(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "assert"):
                self.problems.append(json.dumps(params["args"]))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.problems.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            case "Audits.issueAdded" if params["issue"]["code"] == "ContentSecurityPolicyIssue":
                self.problems.append(json.dumps(params["issue"]["details"]))
            case "Target.attachedToTarget":
                self._spawn(self._watch(params["sessionId"]))
            case "Fetch.requestPaused":
                self._spawn(self._fulfil(params["requestId"], params["request"]["url"], session))

    async def _watch(self, worker: str) -> None:
        """Workers are held at their first line until what they do is recorded too."""
        for domain in ("Runtime", "Network"):
            await self._send(f"{domain}.enable", session=worker)
        await self._send("Runtime.runIfWaitingForDebugger", session=worker)

    async def _fulfil(self, request: str, url: str, session: str) -> None:
        if (body := self._answer(url)) is None:
            await self._send("Fetch.failRequest", session=session, requestId=request, errorReason="ConnectionRefused")
            return
        kind = "text/css" if url.endswith(".css") else "text/javascript"
        headers = {"Content-Type": kind, "Access-Control-Allow-Origin": "*"}
        answer = {"responseCode": 200, "body": base64.b64encode(body).decode()}
        fields = [{"name": name, "value": value} for name, value in headers.items()]
        await self._send("Fetch.fulfillRequest", session=session, requestId=request, responseHeaders=fields, **answer)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        return task


@asynccontextmanager
async def open_page() -> AsyncIterator[Page]:
    """A page of a browser of its own, with an empty profile; skips the test where there is no Chromium."""
    program = chromium()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            program, *FLAGS.split(), f"--user-data-dir={profile}", stderr=pipe, start_new_session=True
        )
        try:
            assert process.stderr is not None
            async with asyncio.timeout(TIMEOUT):
                while b"DevTools listening on " not in (line := await process.stderr.readline()):
                    assert line, "Chromium ended before it listened"
            drain = asyncio.create_task(process.stderr.read())
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(line.split()[-1].decode(), max_msg_size=0) as ws,
            ):
                page = Page(ws)
                await page.open()
                yield page
                await page.close()
            async with asyncio.timeout(TIMEOUT):
                await drain
                await process.wait()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
