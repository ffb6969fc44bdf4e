"""Commands that say that they want a terminal and do not: `-it` in front of a command that ends by itself."""

from __future__ import annotations

import re

from cockpit.runbook.markdown.commands.flow import enters

_ONE_SHOT = re.compile(
    r"(?P<head>\b(?:kubectl|oc|k|docker|podman|docker-compose|docker[ ]compose|nerdctl)\s(?:[^|;&\n\"']*?\s)?exec\s"
    r"(?:[^|;&\n\"']*?\s)??)(?P<flags>(?:(?:-it|-ti|-i|-t|--stdin(?:=true)?|--tty(?:=true)?|--interactive)\s+)+)"
)


def one_shot(text: str) -> str:
    """The command without `-it` where it ends by itself, so that its output can be kept; `-i` stays where something is
    read."""
    if "exec" not in text or enters(text):
        return text
    return _ONE_SHOT.sub(lambda found: _bare(found, text), text)


def _bare(found: re.Match[str], text: str) -> str:
    reads = "|" in text[: found.start()].rsplit("\n\n", 1)[-1] or re.search(r"<(?![\w -]+>)", text[found.end() :])
    inner = re.split(r"[|;&\n]", text[found.end() :])[0]
    if enters(f"kubectl exec {found['flags']}{inner}"):
        return found[0]
    return f"{found['head']}{'-i ' if reads and 'i' in found['flags'] else ''}"
