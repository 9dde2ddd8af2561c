"""The server of a review: who may ask, what is refused, and what two windows are told."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from psgkit.review.app import HEADERS, MOST_BODY_BYTES, app_of
from psgkit.review.served import ReviewServer
from tests.review.nights import session_in

BASE = "http://127.0.0.1:8123"
OWN = {"origin": BASE}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReviewServer]:
    session = session_in(tmp_path)
    yield ReviewServer(session=session, port=8123, montage_path=tmp_path / "montage.json")
    session.close()


async def asked(server: ReviewServer, method: str, path: str, **wanted: Any) -> httpx.Response:  # noqa: ANN401
    transport = httpx.ASGITransport(app=app_of(server))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        return await client.request(method, path, **wanted)


def ask(server: ReviewServer, method: str, path: str, **wanted: Any) -> httpx.Response:  # noqa: ANN401
    """Return the answer to the page of the scorer, which has the cookie."""
    import asyncio

    headers = {"cookie": f"{server.cookie}={server.secret}", **wanted.pop("headers", {})}
    answer = asked(server, method, path, headers=headers, **wanted)
    # in a thread of its own: tests in a browser leave a loop of events running in this one
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answer).result()


def test_the_address_sets_a_cookie_and_the_secret_leaves_it(server: ReviewServer) -> None:
    answer = ask(server, "GET", f"/?key={server.secret}", headers={"cookie": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    page = ask(server, "GET", "/")
    assert page.status_code == 200
    assert server.secret not in page.text
    assert page.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


def test_two_reviews_at_once_do_not_log_each_other_out(
    server: ReviewServer, tmp_path: Path
) -> None:
    # a browser sends the cookies of all ports of 127.0.0.1 to each of them
    other = ReviewServer(session=session_in(tmp_path / "other"), port=8123)
    jar = []
    for one in (server, other):
        opened = ask(one, "GET", f"/?key={one.secret}", headers={"cookie": "; ".join(jar)})
        jar.append(opened.headers["set-cookie"].split(";")[0])
    assert len({cookie.split("=")[0] for cookie in jar}) == 2
    for one, foreign in ((server, jar[1]), (other, jar[0])):
        assert ask(one, "GET", "/api/state", headers={"cookie": "; ".join(jar)}).status_code == 200
        assert ask(one, "GET", "/api/state", headers={"cookie": foreign}).status_code == 403
    other.session.close()


@pytest.mark.parametrize(
    "path", ["/", "/?key=x", "/page/review.js", "/api/state", "/api/signal?channel=0"]
)
@pytest.mark.parametrize("cookie", ["", "{}=x", "{}=\u00e4", "psgkit_review_8123=x"])
def test_without_the_secret_nothing_is_answered(
    server: ReviewServer, path: str, cookie: str
) -> None:
    cookie = cookie.format(server.cookie)
    answer = ask(server, "GET", path, headers={"cookie": cookie.encode()})
    assert answer.status_code == 403
    assert "night" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"host": "127.0.0.1:8124"}, 421),
        ({"host": ""}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:8124"}, 403),
        ({"origin": "http://localhost:8123"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_other_hosts_and_pages_are_refused(
    server: ReviewServer, headers: dict[str, str], status: int
) -> None:
    before = server.session.state()["version"]
    mark = server.session.state()["marks"][0]["id"]
    change = {"version": before, "change": {"action": "reject", "id": mark}}
    assert ask(server, "GET", "/api/state", headers=headers).status_code == status
    answer = ask(server, "POST", "/api/change", headers={**OWN, **headers}, json=change)
    assert answer.status_code == status
    assert server.session.state()["version"] == before


def test_a_change_without_an_origin_is_refused(server: ReviewServer) -> None:
    assert ask(server, "POST", "/api/undo").status_code == 403


def test_through_a_tunnel_the_host_is_localhost(server: ReviewServer) -> None:
    headers = {"host": "localhost:8123", "origin": "http://localhost:8123"}
    assert ask(server, "GET", "/api/state", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["../server.py", "..%2fserver.py", "%2e%2e/server.py", "....//server.py", "/etc/passwd",
     "%2fetc%2fpasswd", "review.py", "..\\server.py", "review.js%00.css", ""],
)  # fmt: skip
def test_only_the_files_of_the_page_can_be_asked_for(server: ReviewServer, name: str) -> None:
    answer = ask(server, "GET", f"/page/{name}")
    assert answer.status_code == 404
    assert "def " not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_long_is_refused(server: ReviewServer, declared: bool) -> None:  # noqa: FBT001
    body = b"[" * (MOST_BODY_BYTES + 1)

    async def pieces() -> Any:  # noqa: ANN401
        for first in range(0, len(body), 2**16):
            yield body[first : first + 2**16]

    answer = ask(server, "POST", "/api/change", headers=OWN, content=body if declared else pieces())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"3", b"\xff", b"[" * 100_000, b'{"change": 3}', b"{}"]
)
def test_a_body_that_is_no_change_is_refused_in_words(server: ReviewServer, body: bytes) -> None:
    answer = ask(server, "POST", "/api/change", headers=OWN, content=body)
    assert answer.status_code in (400, 409)
    assert answer.json()["error"]
    assert server.session.state()["history"]["undo"] == 0


@pytest.mark.parametrize(
    "query",
    ["", "channel=0", "channel=99&from=0&to=9&width=9", "channel=-1&from=0&to=9&width=9",
     "channel=0&from=nan&to=9&width=9", "channel=0&from=0&to=inf&width=9",
     "channel=0&from=9&to=0&width=9", "channel=0&from=0&to=9&width=99999999",
     "channel=0&from=0&to=9&width=0", "channel=x&from=0&to=9&width=9",
     "channel=" + "0," * 99 + "0&from=0&to=9&width=9"],
)  # fmt: skip
def test_windows_that_cannot_be_are_refused(server: ReviewServer, query: str) -> None:
    for path in ("signal", "envelope"):
        answer = ask(server, "GET", f"/api/{path}?{query}")
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_a_window_of_signals_is_binary(server: ReviewServer) -> None:
    answer = ask(server, "GET", "/api/signal?channel=0,1&from=0&to=3600&width=100")
    assert answer.content[:4] == b"PSGR"
    assert len(answer.content) == 8 + 2 * (32 + 100 * 8)


def test_changes_are_made_and_a_stale_window_is_told(server: ReviewServer) -> None:
    state = ask(server, "GET", "/api/state").json()
    assert state["montage"]
    assert state["words"]["legs"]["indices"]["plms_index"]["label"] == "PLMS index"
    mark = state["marks"][0]["id"]
    change = {"version": state["version"], "change": {"action": "reject", "id": mark}}
    delta = ask(server, "POST", "/api/change", headers=OWN, json=change).json()
    assert delta["version"] == state["version"] + 1
    stale = ask(server, "POST", "/api/change", headers=OWN, json=change)
    assert (stale.status_code, stale.json()["stale"]) == (409, True)
    undone = ask(server, "POST", "/api/undo", headers=OWN).json()
    assert undone["history"]["redo"] == 1
    nothing = ask(server, "POST", "/api/undo", headers=OWN)
    assert (nothing.status_code, "undo" in nothing.json()["error"]) == (400, True)


def test_a_montage_is_kept_beside_the_review(server: ReviewServer) -> None:
    rows = ask(server, "GET", "/api/state").json()["montage"]
    rows[0]["height"] = 3.0
    answer = ask(server, "POST", "/api/montage", headers=OWN, json={"channels": rows})
    assert answer.json()["channels"][0]["height"] == 3.0
    kept = json.loads(server.montage_path.read_text("utf-8"))  # type: ignore[union-attr]
    assert kept["channels"][0]["height"] == 3.0
    rows[0]["height"] = -3.0
    wrong = ask(server, "POST", "/api/montage", headers=OWN, json={"channels": rows})
    assert (wrong.status_code, "height" in wrong.json()["error"]) == (400, True)


def test_the_button_ends_the_server(server: ReviewServer) -> None:
    ended = []
    server.stop = lambda: ended.append(1)
    assert ask(server, "POST", "/api/close", headers=OWN).json() == {"closed": True}
    assert ended == [1]
