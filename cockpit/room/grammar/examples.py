"""One line of each command that is right as it stands: what somebody reads whose line lacks something."""

from __future__ import annotations

EXAMPLES = {
    "ack": "ack",
    "action-item": "action-item alert when the pool is full --owner @bob --due 5d",
    "affected": "affected checkout its payments time out",
    "amend": "amend last --text the pool was full at 03:41",
    "ask": "ask @dba 5m is replication caught up",
    "attach": "attach pool.txt --title connections",
    "check": "check ops 3",
    "close": "close --false-alarm the probe was wrong",
    "decide": "decide we roll back before we look further",
    "detected": "detected customer --at -12m two calls",
    "done": "done gateway.vendor they are on it",
    "handover": "handover ic @bob",
    "hypothesis": "hypothesis the pool is too small",
    "impact": "impact cards are refused --who everybody",
    "key-event": "key-event the second region is lost",
    "link": "link https://grafana.example/d/1 the dashboard",
    "merge": "merge INC-2026-002 the same release",
    "mitigate": "mitigate took the new release out of the balancer",
    "note": "note the gateway says no",
    "page": "page database-team the pool is exhausted",
    "redact": "redact last --why a token was in it",
    "reopen": "reopen it times out again",
    "resolve": "resolve payments are normal",
    "review": "review went-well the rollback took two minutes",
    "role": "role ic @alice",
    "severity": "severity p1 --why every second card is refused",
    "snooze": "snooze page 10m --why drafting with legal",
    "start": "start payment-failure p1",
    "status": "status --to identified the release is bad",
}
"""By the command's name. Names, handles and refs in them are inventions."""
