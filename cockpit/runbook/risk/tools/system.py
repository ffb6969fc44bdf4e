"""Programs that look at a machine, its services and its network, and those that change them."""

from __future__ import annotations

from cockpit.runbook.risk.call import Call, Rules, plain
from cockpit.runbook.risk.judgement import Judgement
from cockpit.runbook.risk.options import names, syntax
from cockpit.runbook.risk.tools.verbs import verbs

_PLAIN = (
    "ps free uptime who w id whoami users last uname arch nproc lscpu lsblk lsof lsmod lspci pgrep pstree printenv "
    "netstat dig host traceroute traceroute6 tracepath getent tty sar pidof nslookup arp blkid findmnt vmstat iostat "
    "mpstat pidstat lsns ipcs pg_isready systemd-analyze jstack jps dpkg-query"
)
_TERMINALS = "vi vim nvim nano emacs pico less more most view man htop atop btop k9s tmux screen telnet mc"
_RUNS_BY_ITSELF = ("-c", "-S", "-s", "-es", "--cmd", "--eval")
_QUIET_SIGNALS = names("HUP USR1 USR2 QUIT STOP CONT WINCH 1 3 10 12 18 19 28")
_SYSTEMCTL = verbs(
    syntax(
        "-t --type -p --property -H --host -M --machine -n --lines -o --output --state -P --what --root",
        "--no-pager --all -a -l --full -q --quiet --user --system --failed --plain --no-legend --no-ask-password",
        strict=True,
    ),
    "status, show, cat, list-*, is-*, get-default, show-environment, help",
    "poweroff, reboot, halt, kexec, rescue, emergency, kill, isolate",
    words=1,
)
_IP = verbs(
    syntax("-f -family -n -netns", "-4 -6 -s -d -o -br -brief -c -j -p -json -details", strict=True, letters=False),
    "a show, a list, a ls, addr show, addr list, address show, r show, route show, route list, route get, r get, "
    "link show, link list, neigh show, rule show, rule list",
)
_JOURNAL_CHANGES = (
    "--rotate", "--flush", "--sync", "--relinquish-var", "--smart-relinquish-var", "--setup-keys", "--update-catalog",
    "--cursor-file",
)  # fmt: skip
_PROBES = names("ruok stat srvr mntr conf cons envi isro stats info ping version")


def judge_systemctl(call: Call) -> Judgement:
    """`systemctl`: without a verb it lists."""
    options = call.options(_SYSTEMCTL.how)
    if not options.operands and not options.early:
        return call.reads()
    if options.operands[:1] and options.operands[0].text == "edit":
        return call.asks("edit")
    return _SYSTEMCTL.judge(call, options)


def judge_service(call: Call) -> Judgement:
    """`service NAME status`."""
    words = [each.text for each in call.args]
    return call.reads("status") if words == ["--status-all"] or words[1:] == ["status"] else call.changes()


def judge_journal(call: Call) -> Judgement:
    """`journalctl` reads; `--vacuum-…` deletes."""
    options = call.options(syntax("-u --unit -n --lines -o --output -p --priority -S --since -U --until -t -g --grep"))
    if unsure := call.unsure(options):
        return unsure
    if any(name.startswith("--vac") for name, _ in options.given):
        return call.destroys("--vacuum")
    if options.may(*_JOURNAL_CHANGES):
        return call.changes()
    return call.asks("-f", "stream") if options.may("-f", "--follow") else call.reads()


def judge_ping(call: Call) -> Judgement:
    """`ping` goes on unless it is told how often."""
    options = call.options(syntax("-c --count -i -W -w --deadline -s -t -I -q -M -Q -p -S -l -m"))
    return call.reads("-c") if options.has("-c", "--count", "-w", "--deadline") else call.asks(how="stream")


def judge_mtr(call: Call) -> Judgement:
    """`mtr` is a screen unless it reports."""
    options = call.options(syntax("-c -i -s -P -F --filename"))
    return call.reads("-r") if options.has("-r", "--report", "-w", "--report-wide") else call.asks()


def judge_top(call: Call) -> Judgement:
    """`top -b -n 1` prints once; else it is a screen."""
    options = call.options(syntax("-n -d -p -u -U -o -w -s -l"))
    if options.has("-l") or (options.has("-b") and options.has("-n")):
        return call.reads("-b -n")
    return call.asks(how="stream") if options.has("-b") else call.asks()


def judge_terminal(call: Call) -> Judgement:
    """An editor, a pager or a screen; told to run something by itself it is not known."""
    if any(
        each.text.startswith("+") or each.text in ("-c", "-S", "-s", "-es", "--cmd", "--eval") for each in call.args
    ):
        return call.unknown(why="does by these options is not known")
    return call.asks()


def judge_netcat(call: Call) -> Judgement:
    """`nc -z` looks whether a port is open; else what is sent decides."""
    options = call.options(syntax("-w -p -s -i -q -x -X -I -O -T -V -P -M -m -e -c", "-z -v -u -n -4 -6"))
    if options.has("-e", "-c", "-l", "-k") or options.loose:
        return call.unknown()
    if options.has("-z"):
        return call.reads("-z")
    if call.stdin is None:
        return call.asks()
    sent = call.stdin.text.strip().lower()
    probe = call.stdin.fixed and sent in _PROBES
    return call.reads(sent) if probe else call.unknown(why="sends is not known to only read")


def judge_kill(call: Call) -> Judgement:
    """`kill -0` asks whether a process is there; other signals change or end it."""
    texts = [each.text for each in call.args]
    first = texts[0] if texts else ""
    if first in ("-0", "-l", "-L", "--list") or texts[:2] in (["-s", "0"], ["-n", "0"]):
        return call.reads(first)
    signal = (texts[1] if first in ("-s", "-n") and len(texts) > 1 else first.lstrip("-")).removeprefix("SIG")
    if signal in _QUIET_SIGNALS:
        return call.changes(first, "sends a signal")
    return call.destroys(why="ends processes")


def judge_hostname(call: Call) -> Judgement:
    """`hostname` shows the name; with one it sets it."""
    options = call.options(syntax())
    short = {"-f", "-i", "-I", "-s", "-d", "-A", "--fqdn", "--ip-address", "--short", "--domain"}
    shows = not options.operands and not options.loose and all(name in short for name, _ in options.given)
    return call.reads() if shows else call.changes()


def judge_sysctl(call: Call) -> Judgement:
    """`sysctl NAME` reads; `-w` or `NAME=value` sets."""
    options = call.options(syntax())
    known = {"-a", "-n", "-e", "-N", "--all", "--values"}
    sets = any("=" in each.text or not each.fixed for each in options.operands)
    return call.changes() if sets or any(name not in known for name, _ in options.given) else call.reads()


def judge_dmesg(call: Call) -> Judgement:
    """`dmesg` reads; `-w` goes on; `-C` clears."""
    options = call.options(syntax("-l --level -f --facility -F --file -s --buffer-size --since --until"))
    known = {"-T", "-H", "-x", "-k", "-u", "-t", "-l", "-f", "-r", "-L", "--ctime", "--human", "--level", "--facility"}
    if options.may("-w", "--follow", "-W", "--follow-new"):
        return call.asks("-w", "stream")
    return call.reads() if all(name in known for name, _ in options.given) else call.changes()


def judge_socket_statistics(call: Call) -> Judgement:
    """`ss` reads; `-K` closes connections, `-D` writes a file."""
    options = call.options(syntax("-f --family -A --query -N --net -F --filter"))
    if unsure := call.unsure(options):
        return unsure
    return call.changes("-K") if options.may("-K", "--kill", "-D", "--diag") else call.reads()


def judge_ip(call: Call) -> Judgement:
    """`ip addr`, `ip route show`."""
    options = call.options(_IP.how)
    words = [each.text for each in options.operands]
    if len(words) == 1 and words[0] in ("a", "addr", "address", "r", "route", "l", "link", "neigh", "rule"):
        return call.reads(words[0])
    return _IP.judge(call, options)


def judge_firewall(call: Call) -> Judgement:
    """`iptables -L` lists."""
    options = call.options(syntax("-t --table"))
    known = {"-L", "-S", "-n", "-v", "-t", "--list", "--list-rules", "--line-numbers", "--table"}
    lists = options.has("-L", "-S", "--list", "--list-rules") and all(name in known for name, _ in options.given)
    return call.reads("-L") if lists and not options.loose else call.changes()


def judge_listing(call: Call) -> Judgement:
    """`mount`, `ifconfig`: alone they list."""
    return call.changes() if call.args else call.reads()


def judge_nginx(call: Call) -> Judgement:
    """`nginx -t` and `-T` check the configuration, `-v` tells the version."""
    checks = bool(call.args) and all(each.text in ("-t", "-T", "-v", "-V", "-q") for each in call.args)
    return call.reads() if checks else call.changes()


def judge_power(call: Call) -> Judgement:
    """`reboot` and its like end everything on the machine."""
    return call.destroys(why="ends the machine")


RULES: Rules = {
    **dict.fromkeys(_PLAIN.split(), plain),
    **dict.fromkeys(_TERMINALS.split(), judge_terminal),
    **dict.fromkeys(("kill", "pkill", "killall"), judge_kill),
    **dict.fromkeys(("nc", "ncat", "netcat"), judge_netcat),
    **dict.fromkeys(("ping", "ping6"), judge_ping),
    **dict.fromkeys(("iptables", "ip6tables"), judge_firewall),
    **dict.fromkeys(("mount", "ifconfig"), judge_listing),
    **dict.fromkeys(("reboot", "shutdown", "poweroff", "halt"), judge_power),
    "systemctl": judge_systemctl,
    "service": judge_service,
    "journalctl": judge_journal,
    "mtr": judge_mtr,
    "top": judge_top,
    "hostname": judge_hostname,
    "sysctl": judge_sysctl,
    "dmesg": judge_dmesg,
    "ss": judge_socket_statistics,
    "ip": judge_ip,
    "nginx": judge_nginx,
}
