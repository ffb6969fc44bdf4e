"""Whether a line of prose is a command: people write commands without any mark, and sentences that begin alike."""

from __future__ import annotations

import re

_SUBCOMMANDS = {
    "kubectl": "annotate api-resources apply attach auth autoscale certificate cluster-info config cordon cp create"
    " debug delete describe diff drain edit exec explain expose get kustomize label logs patch port-forward proxy"
    " replace rollout run scale set taint top uncordon version wait",
    "docker": "attach build compose container cp exec image images info inspect kill load login logs network node"
    " pause port ps pull push restart rm rmi run service stack start stats stop swarm system tag top unpause volume",
    "docker-compose": "build config down exec images kill logs ps pull restart rm run start stop top up",
    "podman": "exec images inspect kill logs ps pull restart rm run start stats stop system top",
    "helm": "dependency diff get history install lint list ls package pull repo rollback search show status template"
    " test uninstall upgrade",
    "git": "add bisect blame branch checkout cherry-pick clone commit describe diff fetch log merge pull push rebase"
    " reset restore revert rev-parse show stash status switch tag",
    "vercel": "alias cron deploy domains env inspect link list logs ls promote redeploy rollback secrets",
    "terraform": "apply destroy force-unlock import init output plan refresh show state taint untaint validate",
    "systemctl": "cat daemon-reload disable enable is-active is-enabled list-units reload restart show start status"
    " stop",
    "npm": "audit ci exec install rebuild restart run start test update",
    "supabase": "db functions migration projects secrets start status stop",
    "rabbitmqctl": "cluster_status list_bindings list_channels list_connections list_consumers list_queues purge_queue"
    " status",
    "redis-cli": "",
    "flyctl": "apps deploy logs machine releases restart scale secrets ssh status",
    "heroku": "config logs maintenance pg ps releases restart rollback run",
    "argocd": "app cluster login repo",
    "istioctl": "analyze proxy-config proxy-status version",
    "gcloud": "",
    "aws": "",
    "az": "",
}
"""Programs whose first word after the name is one of a known few; without any, whatever is no English word."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FLAGGED = _words(
    "curl wget psql pg_dump pg_restore pg_isready mysql mysqldump mongosh redis-benchmark ssh scp rsync nc ncat dig"
    " nslookup openssl journalctl tail head grep zgrep sed awk jq find ps df du free netstat ss lsof iostat vmstat"
    " kill pkill chmod chown rm cp mv tar cat ls crontab iptables traceroute tcpdump strace kafka-topics.sh"
    " kafka-consumer-groups.sh kcat pm2 nginx supervisorctl sudo timeout watch nohup etcdctl crictl ping echo"
    " cd export source pg_ctl pg_basebackup patronictl python python3 node npx yarn pnpm make mvn java go cargo"
    " ansible ansible-playbook service apt apt-get yum"
)
"""Programs that are English words or often a subject of sentences: something after them must not be prose."""

_ALIASES = {"k": "kubectl", "oc": "kubectl", "vc": "vercel", "fly": "flyctl", "tf": "terraform"}
_PROMPT = re.compile(r"^\s*\$ +(?=\S)")
_ASSIGNED = re.compile(r"^(?:[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|\$\([^)]*\)|[^\s\"']*)\s+)+(?=\S)")
_ASSIGNMENT = re.compile(r"^(?:export\s+)?[A-Za-z_]\w*=(?:\$\(.+\)|\"[^\"]*\"|'[^']*'|[^\s\"']+)\s*(?:#.*)?$")
_SHAPE = re.compile(
    r"(?:^|\s)-{1,2}[A-Za-z]|https?://|\$[A-Za-z_{(]|[|<>]\s*\S|\w/\w|\w@\w|(?:^|\s)[./~]+/?\w|[*]\.\w|\w\.\w+$|&&|^\d+$"
)
"""What a command's arguments have and a sentence has not: a flag, an address, a variable, a pipe, a path."""
_SCRIPT = re.compile(r"^(?:\.{1,2}|~)?/[\w./-]+\.(?:sh|py|pl|rb)(?:\s|$)|^\./[\w.-]+(?:\s|$)")
_SENTENCE = re.compile(
    r"[.!?:;]\s*$|\b(?:is|are|was|were|will|should|must|can|the|that|this|if|when|with your|your|which|has|have)\b"
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def is_command(line: str) -> bool:
    """Whether a line without any mark is a command of a shell."""
    line = line.strip()
    if not line or len(line) > 2000:
        return False
    if prompt := _PROMPT.match(line):
        return looks_like_program(line[prompt.end() :])
    return looks_like_program(line)


def looks_like_program(line: str) -> bool:
    """Whether a line begins with a program that is known, and goes on as its arguments do."""
    if _ASSIGNMENT.match(line) or _SCRIPT.match(line):
        return True
    line = _ASSIGNED.sub("", line)
    name, _, rest = line.partition(" ")
    name, rest = _ALIASES.get(name, name).rsplit("/", 1)[-1], rest.strip()
    if name == "sudo":
        return not _reads_as_prose(rest)
    if name in _SUBCOMMANDS:
        return _known_subcommand(name, rest)
    return name in _FLAGGED and bool(_SHAPE.search(rest)) and not _reads_as_prose(rest)


def _known_subcommand(name: str, rest: str) -> bool:
    known = _SUBCOMMANDS[name].split()
    first = next((word for word in rest.split() if not word.startswith("-")), "")
    if known:
        return (first in known or rest.startswith(("-", "$"))) and not _reads_as_prose(rest)
    return bool(re.fullmatch(r"[\w:-]+", first)) and not _reads_as_prose(rest)


def _reads_as_prose(rest: str) -> bool:
    return bool(_SENTENCE.search(_QUOTED.sub("''", rest))) or not rest
