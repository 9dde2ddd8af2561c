"""The requests of the page of a review: what is let through, and what each is answered."""

import hmac
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from psgkit.errors import PsgkitError
from psgkit.report.palette import DARK, LIGHT, css_variables
from psgkit.review.page_texts import page_texts
from psgkit.review.served import ReviewServer

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
    "consensus.js": "text/javascript",
    "panel.js": "text/javascript",
    "words.js": "text/javascript",
    "night.js": "text/javascript",
    "server.js": "text/javascript",
}
"""The files of the page; no other can be asked for."""
_BYTES = "application/octet-stream"
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
_LOST = "Another window changed this review. The page shows it as it is now; make the change again."


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
        host = request.headers.get("host", "")
        if host not in {f"127.0.0.1:{self.server.port}", f"localhost:{self.server.port}"}:
            return 421, "This is not a host of this server."
        return _of_another_page(request, f"http://{host}") or self._without_secret(request)

    def _without_secret(self, request: "Request") -> tuple[int, str] | None:
        if request.url.path == "/" and "key" in request.query_params:
            given = request.query_params["key"]
        else:
            given = request.cookies.get(self.server.cookie, "")
        if not hmac.compare_digest(given.encode(), self.server.secret.encode()):
            return 403, "Open the address that psgkit printed: it holds the key of this review."
        return None


def _of_another_page(request: "Request", own: str) -> tuple[int, str] | None:
    """Return why a request is refused that another page may have made."""
    origin = request.headers.get("origin")
    if origin not in (None, own):
        return 403, "This page may not ask."
    if request.method not in ("GET", "HEAD") and origin is None:
        return 403, "A change needs its origin."
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return 403, "Another site may not ask."
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


class Requests:
    """Answers the requests that the guard lets through."""

    def __init__(self, server: ReviewServer) -> None:
        self.server = server

    def page(self, request: "Request") -> "Response":
        """Return the page, or set the cookie for the secret in the address."""
        from starlette.responses import RedirectResponse

        if "key" not in request.query_params:
            return _sent(_file("index.html"), "text/html")
        # the address that is seen, and kept in the history, has no secret
        answer = RedirectResponse("/", 303, HEADERS)
        name, secret = self.server.cookie, self.server.secret
        answer.set_cookie(name, secret, httponly=True, samesite="strict", path="/")
        return answer

    def icon(self, _request: "Request") -> "Response":
        """Return nothing: browsers ask for an icon without being told of one."""
        from starlette.responses import Response

        return Response(status_code=204, headers=HEADERS)

    def file(self, request: "Request") -> "Response":
        """Return a file of the page by its name; there are no others."""
        name = request.path_params["name"]
        if name == "palette.css":
            return _sent(_palette(), "text/css")
        if name == "texts.js":
            return _sent(page_texts(), "text/javascript")
        if name not in _TYPES:
            return _json({"error": "There is no such file."}, 404)
        return _sent(_file(name), _TYPES[name])

    def state(self, _request: "Request") -> "Response":
        """Return everything the page shows, as JSON."""
        return _answered(lambda: _json(self.server.state()))

    def signal(self, request: "Request") -> "Response":
        """Return channels over a window, packed."""
        return _answered(lambda: _sent(self.server.signals(request.query_params), _BYTES))

    def envelope(self, request: "Request") -> "Response":
        """Return envelopes and thresholds over a window, packed."""
        return _answered(lambda: _sent(self.server.envelopes(request.query_params), _BYTES))

    async def action(self, request: "Request") -> "Response":
        """Make a change, undo or redo one, sign, keep a montage, or end the review."""
        from starlette.concurrency import run_in_threadpool

        try:
            given = json.loads(await request.body() or b"{}")
        except (ValueError, RecursionError) as error:
            return _json({"error": f"no JSON: {error}"}, 400)
        if not isinstance(given, dict):
            return _json({"error": "found no object, wanted a JSON object"}, 400)
        session = self.server.session
        actions: Mapping[str, Callable[[], Any]] = {
            "change": lambda: self.server.change(given),
            "undo": session.undo,
            "redo": session.redo,
            "sign": lambda: session.sign(given.get("comment", ""), given.get("by", "")),
            "montage": lambda: self.server.keep_montage(given),
            "close": self.server.end,
        }
        chosen = actions.get(request.path_params["name"])
        if chosen is None:
            return _json({"error": "There is no such action."}, 404)
        return await run_in_threadpool(_answered, lambda: _of_action(chosen()))


def _of_action(answer: object) -> "Response":
    return _json({"error": _LOST, "stale": True}, 409) if answer is None else _json(answer)


def _answered(answer: "Callable[[], Response]") -> "Response":
    """Return an answer, or in words what is wrong with the request."""
    try:
        return answer()
    except PsgkitError as error:
        words = {name: getattr(error, name) for name in ("where", "found", "wanted", "advice")}
        return _json({"error": str(error), **words}, 400)


def _json(content: object, status: int = 200) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse(content, status, HEADERS)


def _sent(content: str | bytes, kind: str) -> "Response":
    from starlette.responses import Response

    return Response(content, media_type=kind, headers=HEADERS)


def app_of(server: ReviewServer) -> "Starlette":
    """Return the application of a review."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Route

    requests = Requests(server)
    routes = [
        Route("/", requests.page),
        Route("/favicon.ico", requests.icon),
        Route("/page/{name}", requests.file),
        Route("/api/state", requests.state),
        Route("/api/signal", requests.signal),
        Route("/api/envelope", requests.envelope),
        Route("/api/{name}", requests.action, methods=["POST"]),
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
