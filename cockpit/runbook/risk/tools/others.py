"""Programs that change or destroy by nature, so that the reason can say what they do; and a few that fit nowhere."""

from __future__ import annotations

from cockpit.runbook.risk.call import Call, Rule, Rules
from cockpit.runbook.risk.judgement import Judgement

_CHANGES = {
    "cp": "writes files",
    "mv": "moves files",
    "ln": "writes files",
    "mkdir": "makes a folder",
    "touch": "writes files",
    "chmod": "changes who may use files",
    "chown": "changes who owns files",
    "install": "writes files",
    "tar": "reads or writes an archive",
    "rsync": "copies files",
    "scp": "copies files",
    "crontab": "may change what runs when",
    "apt": "installs software",
    "apt-get": "installs software",
    "yum": "installs software",
    "dnf": "installs software",
    "pip": "installs software",
    "npm": "runs scripts of a project",
    "make": "runs what a Makefile says",
    "useradd": "changes users",
    "passwd": "changes a password",
}


def _changing(why: str) -> Rule:
    def judge(call: Call) -> Judgement:
        return call.changes(why=why)

    return judge


def judge_python(call: Call) -> Judgement:
    """`python -m json.tool` prints what it reads; other programs of Python are not known."""
    words = [each.text for each in call.args]
    if words in (["-m", "json.tool"], ["--version"], ["-V"]):
        return call.reads(words[0])
    return call.asks() if not words and call.stdin is None else call.unknown()


RULES: Rules = {
    **{name: _changing(why) for name, why in _CHANGES.items()},
    **dict.fromkeys(("python", "python3"), judge_python),
}
