"""The review page: its addresses and what they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from faq.errors import FaqError
from maintain.review.desk import Desk
from maintain.review.forms import as_query, read_filter, read_label
from maintain.review.labels import Done, Refused
from maintain.review.queue import Group
from maintain.review.security import Door, Guard, Session, read_form
from maintain.review.views import Views

HERE = Path(__file__).parent

MESSAGES = {
    401: "You are not logged in. Open the link that the terminal shows.",
    403: "This form is not from your session. Go back to the queue and try again.",
    404: "There is no such page.",
    405: "This page cannot be asked for in that way.",
    413: "The form is too long.",
    415: "This is not a form of this page.",
}

GONE = "That decision is gone: it was taken back already, or its conversation was erased (then its phrase stays)."

Handler = Callable[["ReviewPage", Request, Session], Awaitable[Response]]


def make_app(desk: Desk, door: Door, hosts: Collection[str]) -> Guard:
    """Makes the web application.

    Args:
        desk: what it works on.
        door: who may come in.
        hosts: values of the ``Host`` header that are this page.
    """
    page = ReviewPage(desk, door)
    routes = [
        Route("/", page.behind(ReviewPage.queue)),
        Route("/decide", page.behind(ReviewPage.decide), methods=["POST"]),
        Route("/undo", page.behind(ReviewPage.undo), methods=["POST"]),
        Route("/numbers", page.behind(ReviewPage.numbers)),
        Route("/changes", page.behind(ReviewPage.changes)),
        Route("/login", page.login),
        Route("/logout", page.behind(ReviewPage.logout), methods=["POST"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    handlers: dict[Any, Any] = {HTTPException: page.failed, FaqError: page.failed}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), hosts)


class ReviewPage:
    """Answers requests."""

    def __init__(self, desk: Desk, door: Door) -> None:
        """Takes what it works on and who may come in."""
        self._desk, self._door = desk, door
        self._views = Views(desk)
        loader = FileSystemLoader(HERE / "templates")
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )

    def behind(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Lets only those in who are logged in."""

        async def answer(request: Request) -> Response:
            return await handler(self, request, self._door.session(request))

        return answer

    async def login(self, request: Request) -> Response:
        """Uses the link of the terminal."""
        session = self._door.enter(request.query_params.get("token", ""))
        if session is None:
            raise HTTPException(401)
        answer = RedirectResponse("/", 303)
        secure = self._door.secure
        answer.set_cookie(self._door.cookie, session, httponly=True, samesite="strict", path="/", secure=secure)
        return answer

    async def logout(self, request: Request, session: Session) -> Response:
        """Ends the session."""
        await read_form(request, session)
        self._door.leave(request)
        return self._page("message.html", None, 200, title="Logged out", text="You are logged out.")

    async def queue(self, request: Request, session: Session) -> Response:
        """What deserves a look, and one message of it in full."""
        wanted, at = read_filter(request.query_params), request.query_params.get("at", "")
        flash, session.flash = session.flash, None
        shown = await run_in_threadpool(self._views.queue, wanted, at, flash)
        return self._page("queue.html", session, **shown)

    async def numbers(self, request: Request, session: Session) -> Response:
        """How the assistant does."""
        shown = await run_in_threadpool(self._views.numbers, read_filter(request.query_params))
        return self._page("numbers.html", session, **shown)

    async def changes(self, request: Request, session: Session) -> Response:
        """What has changed in the phrasings since the last commit."""
        diff = await run_in_threadpool(self._desk.git_diff)
        return self._page("changes.html", session, diff=diff)

    async def decide(self, request: Request, session: Session) -> Response:
        """Labels a message and those like it, or ignores them."""
        fields = await read_form(request, session)
        wanted = read_filter(fields, "f_")
        groups = (await run_in_threadpool(self._desk.snapshot)).queue(wanted)
        place = next((n for n, group in enumerate(groups) if group.key == fields.get("key")), None)
        if place is None:
            session.flash = {"error": "That message is not in the queue any more: somebody has decided it."}
            return RedirectResponse(f"/{as_query(wanted)}", 303)
        following = groups[place + 1 : place + 2] or groups[:place][-1:]
        if not await run_in_threadpool(self._carry_out, fields, groups[place], session):
            return RedirectResponse(f"/{as_query(wanted, at=groups[place].key)}", 303)
        return RedirectResponse(f"/{as_query(wanted, at=following[0].key if following else '')}", 303)

    def _carry_out(self, fields: dict[str, str], group: Group, session: Session) -> bool:
        messages = [(entry.message.conversation, entry.message.id) for entry in group.entries]
        label = None if group.first.message.pressed else read_label(fields, group.first.message)
        try:
            if label is None and fields.get("action") != "ignore":
                raise HTTPException(403)
            done = (
                self._desk.labels.take(label, messages, self._desk.known)
                if label
                else self._desk.labels.ignore(messages)
            )
        except Refused as refused:
            draft = {"intents": label.intents if label else (), "phrase": fields.get("phrase", "")}
            session.flash = {"refused": refused, "key": group.key, **draft}
            return False
        session.done.append(done.decision.id)
        session.flash = {"done": done, "said": _said(done)}
        return True

    async def undo(self, request: Request, session: Session) -> Response:
        """Takes back the latest decision of the session."""
        fields = await read_form(request, session)
        wanted = read_filter(fields, "f_")
        if not session.done:
            session.flash = {"error": "There is nothing to undo."}
            return RedirectResponse(f"/{as_query(wanted)}", 303)
        done = await run_in_threadpool(self._desk.labels.undo, session.done[-1])
        session.done.pop()
        session.flash = {"undone": done, "said": "Taken back." if done else GONE}
        return RedirectResponse(f"/{as_query(wanted, at=fields.get('last', ''))}", 303)

    async def failed(self, request: Request, error: Exception) -> Response:
        """Says in words what went wrong."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        text = MESSAGES.get(status, "Something went wrong.") if isinstance(error, HTTPException) else str(error)
        return self._page("message.html", None, status, title="That did not work", text=text)

    def _page(self, template: str, session: Session | None, status: int = 200, **shown: Any) -> HTMLResponse:
        html = self._templates.get_template(template).render(session=session, **shown)
        return HTMLResponse(html, status)


def _said(done: Done) -> str:
    others = f" With it, {done.count - 1} like it." if done.count > 1 else ""
    if not done.changes:
        return f"Ignored.{others}"
    return f"Added to {done.decision.file} as {' + '.join(done.decision.intents)}.{others}"
