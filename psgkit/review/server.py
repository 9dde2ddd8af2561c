"""The server of a review: one page, for one person, on this computer.

It listens on 127.0.0.1 only.  The URL that is printed holds a secret; opening it sets a cookie that
other sites cannot use, and every later request needs it.  The ``Host`` must be this server, so that no
name of the web can be pointed at it, and a request that changes something must come from its own page.
The page may load nothing but what this server has, by name, from a fixed list.
"""

import hmac
import json
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock, Thread
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from psgkit.core.index_catalogue import entry_of
from psgkit.core.recording import Recording
from psgkit.core.trace import NightTrace
from psgkit.errors import InputFileError, PsgkitError, SettingsError
from psgkit.extras import require
from psgkit.report.palette import DARK, LIGHT, css_variables
from psgkit.report.words.words import group_title, index_label, unit_in_words
from psgkit.review.montage import (
    MONTAGE_FILE,
    Montage,
    montage_for,
    montage_from,
    read_montage,
    write_montage,
)
from psgkit.review.signals import (
    MOST_WIDTH_PX,
    SignalStore,
    Window,
    envelope_lines,
    import_filters,
    packed,
)

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

MOST_BODY_BYTES = 2**18
"""Of a request: the stages of a long night are some 20 kB."""
_TYPES = {
    "index.html": "text/html",
    "review.css": "text/css",
    "review.js": "text/javascript",
    "plot.js": "text/javascript",
    "panel.js": "text/javascript",
    "night.js": "text/javascript",
    "server.js": "text/javascript",
}
"""The files of the page; no other can be asked for."""
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_MOST_HOURS = 24 * 31
_LOST = "Another window changed this review. The page shows it as it is now; make the change again."


class Session(Protocol):
    """What the server needs of a review; ``psgkit.review.session.ReviewSession`` has it."""

    recording: Any
    trace: Any
    file: Any

    def state(self) -> dict[str, Any]:
        """Return everything a page shows."""
        ...

    def apply(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """Make one change and return what it changed."""
        ...

    def undo(self) -> dict[str, Any]:
        """Undo the last change."""
        ...

    def redo(self) -> dict[str, Any]:
        """Make the last undone change again."""
        ...

    def sign(self, comment: str = "") -> dict[str, Any]:
        """Write the finished scoring."""
        ...

    def close(self) -> None:
        """Release the review file."""
        ...


@dataclass(kw_only=True, slots=True, eq=False)
class ReviewServer:
    """What the requests of one page share.

    Attributes
    ----------
    session : Session
    port : int
    secret : str
        In the URL, and in the cookie.
    montage_path : Path or None
        Where the montage is kept; None keeps it until the end.
    stop : callable
        Ends the server.
    """

    session: Session
    port: int
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    montage_path: Path | None = None
    stop: Callable[[], None] = lambda: None
    montage: Montage = field(default_factory=Montage)
    store: SignalStore = field(init=False)
    _lock: Any = field(default_factory=Lock)

    def __post_init__(self) -> None:
        recording: Recording = self.session.recording
        given = read_montage(self.montage_path) if self.montage_path else None
        self.montage = montage_for(recording, given)
        self.store = SignalStore(recording)

    @property
    def cookie(self) -> str:
        """Return the name of the cookie: browsers share cookies among ports."""
        return f"psgkit_review_{self.port}"

    @property
    def url(self) -> str:
        """Return the URL that opens the page, with its secret."""
        return f"http://127.0.0.1:{self.port}/?key={self.secret}"

    def state(self) -> dict[str, Any]:
        """Return the state of the session, with the montage and the names of indices."""
        state = self.session.state()
        names = {**state["indices"].get("before", {}), **state["indices"].get("after", {})}
        traced: NightTrace | None = self.session.trace
        labels = {one.label for one in traced.channels} if traced else set()
        return {
            **state,
            "montage": self.montage.as_dict()["channels"],
            "traced": sorted(labels),
            "words": {
                group: {"title": group_title(group), "indices": _index_words(group, indices)}
                for group, indices in names.items()
            },
        }

    def change(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Make a change on the version that the page knows; None if there is a newer one."""
        with self._lock:
            version = self.session.state()["version"] if "version" in given else None
            if version != given.get("version"):
                return None
            return self.session.apply(given.get("change"))  # type: ignore[arg-type]

    def window(self, asked: Mapping[str, str]) -> tuple[list[int], Window]:
        """Return the channels and the window that a request asks for.

        Raises
        ------
        SettingsError
            If one of them is no number, or out of bounds.
        """
        try:
            channels = [int(one) for one in asked.get("channel", "").split(",")]
            first, last = float(asked.get("from", "")), float(asked.get("to", ""))
            width = int(asked.get("width", ""))
        except ValueError as error:
            raise SettingsError("signal", str(error)[:80], "channel, from, to and width") from error
        n = len(self.store.recording.channels)
        if len(channels) > n or not all(0 <= one < n for one in channels):
            raise SettingsError("signal: channel", f"{channels[:9]}", f"numbers from 0 to {n - 1}")
        if not (abs(first) < _MOST_HOURS * 3600 and first < last < _MOST_HOURS * 3600):
            raise SettingsError("signal: from, to", f"{first:g} to {last:g}", "a span in seconds")
        if not 1 <= width <= MOST_WIDTH_PX:
            raise SettingsError("signal: width", f"{width}", f"1 to {MOST_WIDTH_PX} pixels")
        return channels, Window(from_s=first, to_s=last, width_px=width)

    def signals(self, asked: Mapping[str, str]) -> bytes:
        """Return the lines of some channels over a window, packed."""
        channels, window = self.window(asked)
        labels = self.store.recording.labels()
        return packed(
            [self.store.line(one, window, self.montage.row(labels[one]).filter) for one in channels]
        )

    def envelopes(self, asked: Mapping[str, str]) -> bytes:
        """Return envelope, resting level and thresholds of limb channels, packed."""
        channels, window = self.window(asked)
        labels, trace = self.store.recording.labels(), self.session.trace
        if trace is None:
            return packed([])
        lines = [envelope_lines(trace, one, labels[one], window) for one in channels]
        return packed([line for found in lines for line in found])

    def keep_montage(self, given: object) -> dict[str, Any]:
        """Take a montage over and keep it on the disk."""
        with self._lock:
            self.montage = montage_for(self.store.recording, montage_from(given))
            if self.montage_path is not None:
                write_montage(self.montage_path, self.montage)
            return self.montage.as_dict()


def _index_words(group: str, indices: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {
        name: {
            "label": index_label(name, group),
            "unit": unit_in_words(row.get("unit") or ""),
            "definition": entry.definition if (entry := entry_of(name, group)) else "",
        }
        for name, row in indices.items()
    }


class Guard:
    """Lets through what comes from the page of this server, and nothing else."""

    def __init__(self, app: "ASGIApp", server: ReviewServer) -> None:
        self.app = app
        self.server = server

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request, or refuse it."""
        from starlette.requests import Request
        from starlette.responses import JSONResponse

        if scope["type"] != "http":
            return
        refused = self.refusal(Request(scope))
        if refused:
            status, words = refused
            await JSONResponse({"error": words}, status, HEADERS)(scope, receive, send)
            return
        body = await _bounded_body(receive)
        if body is None:
            words = f"A request may be {MOST_BODY_BYTES} bytes."
            headers = {**HEADERS, "connection": "close"}
            await JSONResponse({"error": words}, 413, headers)(scope, receive, send)
            return
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Any:  # noqa: ANN401 - a message of ASGI
            return given.pop() if given else await receive()

        await self.app(scope, again, send)

    def refusal(self, request: "Request") -> tuple[int, str] | None:
        """Return status and words for a request that is refused, None for one that is not."""
        own = {f"127.0.0.1:{self.server.port}", f"localhost:{self.server.port}"}
        host = request.headers.get("host", "")
        if host not in own:
            return 421, "This is not a host of this server."
        origin = request.headers.get("origin")
        if origin not in (None, f"http://{host}"):
            return 403, "This page may not ask."
        if request.method not in ("GET", "HEAD") and origin is None:
            return 403, "A change needs its origin."
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return 403, "Another site may not ask."
        if int(request.headers.get("content-length") or 0) > MOST_BODY_BYTES:
            return 413, f"A request may be {MOST_BODY_BYTES} bytes."
        if request.url.path == "/" and "key" in request.query_params:
            given = request.query_params["key"]
        else:
            given = request.cookies.get(self.server.cookie, "")
        if not hmac.compare_digest(given.encode(), self.server.secret.encode()):
            return 403, "Open the address that psgkit printed: it holds the key of this review."
        return None


async def _bounded_body(receive: "Receive") -> bytes | None:
    """Return the body of a request, None for one that is too long."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BODY_BYTES:
            return None
    return body


def app_of(server: ReviewServer) -> "Starlette":
    """Return the application of a review."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import JSONResponse, RedirectResponse, Response
    from starlette.routing import Route

    def page(request: Request) -> Response:
        if "key" not in request.query_params:
            return Response(_file("index.html"), media_type="text/html", headers=HEADERS)
        # the address that is seen, and kept in the history, has no secret
        answer = RedirectResponse("/", 303, HEADERS)
        answer.set_cookie(server.cookie, server.secret, httponly=True, samesite="strict", path="/")
        return answer

    def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name == "palette.css":
            return Response(_palette(), media_type="text/css", headers=HEADERS)
        if name not in _TYPES:
            return JSONResponse({"error": "There is no such file."}, 404, HEADERS)
        return Response(_file(name), media_type=_TYPES[name], headers=HEADERS)

    def as_json(answer: Callable[[], Any]) -> Response:
        try:
            return JSONResponse(answer(), headers=HEADERS)
        except PsgkitError as error:
            words = {n: getattr(error, n) for n in ("where", "found", "wanted", "advice")}
            return JSONResponse({"error": str(error), **words}, 400, HEADERS)

    def binary(answer: Callable[[Mapping[str, str]], bytes]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                content = answer(request.query_params)
            except PsgkitError as error:
                return JSONResponse({"error": str(error)}, 400, HEADERS)
            return Response(content, media_type="application/octet-stream", headers=HEADERS)

        return endpoint

    def changed(given: Any) -> Response:  # noqa: ANN401 - JSON
        answer: list[Any] = []
        response = as_json(lambda: answer.append(server.change(given)) or answer[0])
        if answer == [None]:
            return JSONResponse({"error": _LOST, "stale": True}, 409, HEADERS)
        return response

    async def post(request: Request) -> Response:
        try:
            given = json.loads(await request.body() or b"{}")
        except ValueError as error:
            return JSONResponse({"error": f"no JSON: {error}"}, 400, HEADERS)
        if not isinstance(given, dict):
            return JSONResponse({"error": "found no object, wanted a JSON object"}, 400, HEADERS)
        name = request.path_params["name"]
        session = server.session
        actions: dict[str, Callable[[], Any]] = {
            "undo": session.undo,
            "redo": session.redo,
            "sign": lambda: session.sign(given.get("comment", "")),
            "montage": lambda: server.keep_montage(given),
        }
        if name == "change":
            return await run_in_threadpool(changed, given)
        if name == "close":
            server.stop()
            return JSONResponse({"closed": True}, headers=HEADERS)
        if name not in actions:
            return JSONResponse({"error": "There is no such action."}, 404, HEADERS)
        return await run_in_threadpool(as_json, actions[name])

    def state(_request: Request) -> Response:
        return as_json(server.state)

    routes = [
        Route("/", page),
        Route("/favicon.ico", lambda _request: Response(status_code=204, headers=HEADERS)),
        Route("/page/{name}", static),
        Route("/api/state", state),
        Route("/api/signal", binary(server.signals)),
        Route("/api/envelope", binary(server.envelopes)),
        Route("/api/{name}", post, methods=["POST"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, server=server)])


@cache
def _file(name: str) -> str:
    return files("psgkit.review").joinpath("page", name).read_text("utf-8")


@cache
def _palette() -> str:
    """Return the colours of reports, light and dark."""
    light = f":root {{ --ground: #f4f5f7; {css_variables(LIGHT)} }}\n"
    dark = f":root {{ --ground: #12161c; {css_variables(DARK)} }}"
    return f"{light}@media (prefers-color-scheme: dark) {{ {dark} }}\n"


def serve(session: Session, port: int = 0, *, browser: bool = True) -> None:
    """Serve the page of a review until its button, or Ctrl-C, ends it.

    The first line of standard output is its address, with the secret.  Every change is on the disk
    before it is answered, so that nothing is lost however this ends.

    Parameters
    ----------
    session : Session
    port : int
        0 takes a free one.
    browser : bool
        Whether to open a window.

    Raises
    ------
    InputFileError
        If the port is taken.
    MissingExtraError
        If starlette or uvicorn is not installed.
    """
    listening = _listening(port)
    server = ReviewServer(
        session=session, port=listening.getsockname()[1], montage_path=_montage_path(session)
    )
    running = _uvicorn_of(server)
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    # the page asks for signals within a second: the library of filters is loaded meanwhile
    Thread(target=import_filters, daemon=True).start()
    if browser:
        import webbrowser

        # in a thread: some browsers keep the call until they are closed
        Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
    try:
        with _stopped_by_interrupt(server.stop):
            running.run(sockets=[listening])
    finally:
        session.close()


def _listening(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listening.close()
        found = f"{port}, which cannot be used ({error})"
        raise InputFileError("port", found, "a free port; leave out --port to have one") from error
    return listening


def _uvicorn_of(server: ReviewServer) -> Any:  # noqa: ANN401 - optional package
    for library in ("starlette", "uvicorn"):
        require(library)
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to ``serve``."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        app_of(server), log_level="critical", access_log=False, lifespan="off",
        server_header=False, date_header=False, timeout_graceful_shutdown=3, ws="none",
    )
    running = Server(config)
    server.stop = lambda: setattr(running, "should_exit", True)
    return running


@contextmanager
def _stopped_by_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` at Ctrl-C, or when the process is asked to end."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop()

    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, on_signal) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _montage_path(session: Session) -> Path | None:
    return None if session.file is None else Path(session.file.path).with_name(MONTAGE_FILE)
