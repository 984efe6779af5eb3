"""What can be done with a conversation: start, say, read, erase. With ``health.py`` all that talks to Rasa's agent."""

from __future__ import annotations

import asyncio
import copy
import logging
import time
from collections.abc import Awaitable, Mapping
from typing import Any, NoReturn, TypeVar

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import Event, SessionStarted
from rasa.utils.endpoints import EndpointConfig

from channels.action_calls import ActionCalls
from channels.drafts import DraftStore
from channels.feedback import Feedback
from channels.history import TITLE, replies, replies_to, transcript
from channels.incoming import Incoming
from channels.locks import ConversationLocks
from channels.metrics import CONVERSATIONS, FEEDBACK, NLU_SECONDS, REPLY_SECONDS, count_reply
from channels.problems import Problem
from channels.recent import Recent, RecentConversations
from channels.text import as_plain_words
from channels.tracker_store import erasable_store
from channels.turns import ConflictError

logger = logging.getLogger(__name__)

Reply = dict[str, Any]
T = TypeVar("T")


class Conversations:
    """Conversations with the agent that Rasa has loaded.

    A turn is stored whole or not at all: it runs on a draft of the tracker store, because Rasa logs a failing action,
    goes on, and saves a turn without an answer. Answers are read from the tracker's events, so that the first answer,
    a repeated id and a page reload show the same.

    Every method raises ``Problem``: 404 if the conversation is gone, 503 if Rasa is not ready, fails, or takes longer
    than ``timeout``.

    Args:
        name: of the input channel, stored with each message.
        timeout: seconds that a call may take, waiting for its place included.
        retry_after: seconds to name with a 503.
        most: messages that a reader may write in one conversation.
        locks: one for each conversation, so that its messages and its deletion come one after the other.
        actions: what runs the actions; None where Rasa asks the action servers that ``endpoints.yml`` names.
    """

    def __init__(
        self,
        name: str,
        timeout: float,
        retry_after: int,
        most: int,
        locks: ConversationLocks,
        actions: EndpointConfig | None = None,
    ) -> None:
        self._name, self._timeout, self._retry_after, self._most = name, timeout, retry_after, most
        self._locks, self._actions, self._recent = locks, actions, RecentConversations()

    async def start(self, agent: Agent | None, conversation: str) -> list[Reply]:
        """Begins a conversation and returns the greeting."""
        return await self._in_time(self._start(self._ready(agent), conversation))

    async def say(self, agent: Agent | None, conversation: str, incoming: Incoming) -> list[Reply]:
        """Answers a message; an id that was answered before gets that answer again, and nothing runs.

        Raises:
            Problem: also 400, if a payload was not offered in this conversation, and 413, if it has become too long.
        """
        began = time.perf_counter()
        answer = await self._in_time(self._say(self._ready(agent), conversation, incoming))
        REPLY_SECONDS.observe(time.perf_counter() - began)
        return answer

    async def history(self, agent: Agent | None, conversation: str) -> list[dict[str, Any]]:
        """The conversation so far, one entry a message."""
        return transcript(await self._in_time(self._events(self._ready(agent), conversation)))

    async def rate(self, agent: Agent | None, conversation: str, feedback: Feedback) -> None:
        """Keeps what the reader says about the answer to a message.

        Raises:
            Problem: also 404, if there is no such message.
        """
        await self._in_time(self._rate(self._ready(agent), conversation, feedback))

    async def erase(self, agent: Agent | None, conversation: str) -> None:
        """Deletes all that is stored of a conversation, after what is in progress in it; twice is no error."""
        await self._in_time(self._erase(self._ready(agent), conversation))

    def _ready(self, agent: Agent | None) -> Agent:
        if agent is None or not agent.is_ready():
            raise Problem("not_ready", self._retry_after)
        return agent

    async def _in_time(self, work: Awaitable[T]) -> T:
        try:
            return await asyncio.wait_for(work, self._timeout)
        except Problem:
            raise
        except Exception as error:
            logger.exception("[CHT20] A conversation could not be continued; nothing of this call is stored.")
            raise Problem("no_answer", self._retry_after) from error

    async def _events(self, agent: Agent, conversation: str) -> list[Event]:
        found = await erasable_store(agent.tracker_store).read_after(conversation, 0)
        if not found or not found[0]:
            raise Problem("conversation_gone")
        return found[0]

    async def _start(self, agent: Agent, conversation: str) -> list[Reply]:
        async with self._locks.hold(conversation):
            processor, store = self._on_a_draft(agent, recent := Recent())
            tracker = await processor.fetch_tracker_and_update_session(conversation, CollectingOutputChannel())
            if not any(isinstance(event, SessionStarted) for event in tracker.events):
                self._no_answer()
            await store.keep(tracker)
            self._recent.keep(conversation, recent)
        CONVERSATIONS.labels("started").inc()
        return replies(tracker.events)

    async def _say(self, agent: Agent, conversation: str, incoming: Incoming) -> list[Reply]:
        async with self._locks.hold(conversation):
            recent = self._trusted(conversation, incoming) or await self._caught_up(agent, conversation)
            try:
                return await self._answer(agent, conversation, incoming, recent)
            except ConflictError as error:  # somebody else was first, without a lock between the two
                logger.warning("%s", error)
                return await self._answer(agent, conversation, incoming, await self._caught_up(agent, conversation))

    def _trusted(self, conversation: str, incoming: Incoming) -> Recent | None:
        """What is remembered, where nobody else adds to conversations. If somebody does or has deleted this one, that
        shows when the turn is stored; a button, which nothing is stored of if it was not offered, is looked up."""
        recent = self._recent.get(conversation)
        return recent if recent.last and self._locks.are_own and incoming.text is not None else None

    async def _answer(self, agent: Agent, conversation: str, incoming: Incoming, recent: Recent) -> list[Reply]:
        if incoming.id in recent.said:
            return replies_to(await self._events(agent, conversation), incoming.id) or []
        return await self._turn(agent, conversation, incoming, recent)

    async def _caught_up(self, agent: Agent, conversation: str) -> Recent:
        """The conversation as it is stored now: what is remembered of it, and what other servers have added."""
        store, recent = erasable_store(agent.tracker_store), self._recent.get(conversation)
        found = await store.read_after(conversation, recent.last)
        if found is None:
            recent = Recent()
            found = await store.read_after(conversation, 0)
        if found is None or not found[1]:
            self._recent.forget(conversation)
            raise Problem("conversation_gone")
        if found[0]:
            recent.catch_up(conversation, store.domain, *found)
        return recent

    async def _turn(self, agent: Agent, conversation: str, incoming: Incoming, recent: Recent) -> list[Reply]:
        if len(recent.said) >= self._most:
            raise Problem("conversation_too_long", limit=self._most)
        processor, store = self._on_a_draft(agent, recent)
        await processor.handle_message(await self._message(processor, conversation, incoming, recent.offers))
        answer = replies_to(list(store.draft.events), incoming.id) if store.draft else None
        if not answer or store.draft is None:
            self._no_answer()
        await store.keep(store.draft)
        self._recent.keep(conversation, recent)
        count_reply(answer, agent.domain.intents if agent.domain else ())
        return answer

    async def _rate(self, agent: Agent, conversation: str, feedback: Feedback) -> None:
        async with self._locks.hold(conversation):
            if replies_to(await self._events(agent, conversation), feedback.message_id) is None:
                raise Problem("no_such_message")
            try:
                await erasable_store(agent.tracker_store).keep_feedback(conversation, feedback)
                FEEDBACK.labels("yes" if feedback.helpful else "no").inc()
            except ConflictError as error:
                raise Problem("conversation_gone") from error

    async def _erase(self, agent: Agent, conversation: str) -> None:
        async with self._locks.hold(conversation):
            self._recent.forget(conversation)
            await erasable_store(agent.tracker_store).delete(conversation)
        CONVERSATIONS.labels("deleted").inc()

    def _on_a_draft(self, agent: Agent, recent: Recent) -> tuple[MessageProcessor, DraftStore]:
        """The agent's processor, saving to a draft of the tracker store, with its calls of actions watched."""
        store = DraftStore(erasable_store(agent.tracker_store), recent)
        processor = copy.copy(agent.processor)
        processor.tracker_store = store
        actions = self._actions or processor.action_endpoint
        processor.action_endpoint = ActionCalls(actions) if actions else None
        return processor, store

    def _no_answer(self) -> NoReturn:
        logger.error("[CHT21] Rasa gave no answer; see above for the action that failed. Nothing of it is stored.")
        raise Problem("no_answer", self._retry_after)

    async def _message(
        self, processor: MessageProcessor, conversation: str, incoming: Incoming, offers: Mapping[str, str]
    ) -> UserMessage:
        message = UserMessage(sender_id=conversation, message_id=incoming.id, input_channel=self._name)
        if incoming.text is not None:
            await _put_words(processor, message, incoming.text)
        else:
            _press_button(message, incoming.payload or "", offers)
        return message


def _press_button(message: UserMessage, payload: str, offers: Mapping[str, str]) -> None:
    if payload not in offers:
        raise Problem("not_offered")
    message.text, message.metadata = payload, {TITLE: offers[payload]}


async def _put_words(processor: MessageProcessor, message: UserMessage, text: str) -> None:
    """Has the words understood here, as plain words, so that a leading slash is no command to Rasa; what is stored is
    the text as typed. It is set and not given to the constructor, which would strip it and shift the offsets."""
    message.text = as_plain_words(text)
    with NLU_SECONDS.time():
        message.parse_data = {**await processor.parse_message(message), "text": text}
    message.text = text
