"""A Slack channel by its incoming webhook: it posts text and can do nothing else.

The document: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. A webhook gives no id and
knows no key, so after an attempt of unknown outcome only a person can say whether the message is there.
"""

from __future__ import annotations

from cockpit.clock import Clock
from cockpit.config import Secret
from cockpit.incident.kinds import Message
from cockpit.message.channel import Again, ChannelError, Occasion, Reference
from cockpit.message.http import Answer, Api
from cockpit.message.slack.text import words


class SlackWebhook:
    """Posts to the channel that the webhook was made for.

    Args:
        webhook: its whole address, which is a secret.
        near: reach nothing but this machine.
    """

    again: Again = "ask"
    pace = 1.0
    reaches = True
    deeds = frozenset({"tell", "page", "meeting"})

    def __init__(self, name: str, webhook: Secret, clock: Clock, *, near: bool) -> None:
        self.name = name
        self._webhook = webhook
        self._api = _WebhookApi("Slack's webhook", "", clock, near=near)

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Post `message`; raises ChannelError."""
        address = await self._api.secret(self._webhook)
        body = {"text": words(message, occasion), "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
        answer = await self._api.call("POST", address, json=body)
        if answer.text.strip() != "ok":
            reason = "Slack's webhook did not answer `ok`; look whether the message is there"
            raise ChannelError(reason, retryable=False, uncertain=True)
        return Reference("posted by the webhook")

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """A webhook cannot look; raises ChannelError."""
        raise ChannelError("a webhook cannot tell what was posted; look in the channel", retryable=False)

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()


class _WebhookApi(Api):
    """What a webhook answers: `invalid_payload`, `invalid_token`, `no_service`, `channel_is_archived`, … as text."""

    def refused(self, answer: Answer, after: float = 0.0, *, said: str = "") -> ChannelError:
        """403, 404 and 410 are about the webhook itself: it was revoked, or its channel is gone."""
        error = super().refused(answer, after, said=said)
        if answer.status in (403, 404, 410):
            head = error.reason.rpartition("; ")[0]
            return ChannelError(f"{head}; make a new webhook and put it in the old one's place", retryable=False)
        return error
