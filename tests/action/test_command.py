"""Programs of this machine: values that are only values, and every way in which a program misbehaves."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shlex
import signal
import stat
import sys
from pathlib import Path

import pytest
from conftest import eventually

from cockpit.action import intake
from cockpit.action.command import Command
from cockpit.action.command.process import Ended
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Confirmation, Risk
from cockpit.incident.kinds import RunResult
from tests.action.alone import Alone, given

pytestmark = pytest.mark.anyio
LOOKS = Heading("Look", "look", risk="read-only")
CHANGES = Heading("Mend", "mend", risk="changing")


def python(program: str, *words: str, heading: Heading = LOOKS, spool: Path | None = None) -> Command:
    """A program of this Python."""
    return Command((sys.executable, "-c", program, *words), heading=heading, spool=spool)


def script(text: str, *, risk: Risk = "read-only", secret: tuple[str, ...] = (), **values: str) -> Command:
    return Command(script=text, values=given(secret, **values), heading=Heading("Script", "script", risk=risk))


NASTY = [
    "'; touch owned; '",
    '"; touch owned; "',
    "$(touch owned) `touch owned` ${IFS} $HOME",
    "a\nb; touch owned\n",
    "-rf / --help",
    "*?[a-z]~{1,2}!! \\",
    "☃ \x1b[31mred",
]


@pytest.mark.parametrize("value", NASTY)
async def test_a_value_is_one_word_and_never_code(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In argv, in a script's environment, and in what the preview offers to copy."""
    monkeypatch.chdir(tmp_path)
    here = Alone()
    shows = "import sys; print(ascii(sys.argv[1]))"
    assert (await here.run(python(shows, value))).output == ascii(value)
    action = script(f'{shlex.quote(sys.executable)} -c "{shows}" "$ORDER_ID"', **{"order-id": value})
    plan = await here.plan(action)
    assert (await here.runner.execute(plan)).output == ascii(value)
    typed = await asyncio.create_subprocess_shell(plan.command, stdout=asyncio.subprocess.PIPE)
    assert (await typed.communicate())[0].decode().strip() == ascii(value)
    assert os.listdir(tmp_path) == []


async def test_the_plan_says_what_is_called_and_where() -> None:
    plan = await Alone().plan(Command(("printf", "%s", "two words"), heading=LOOKS))
    assert (plan.command, plan.server, plan.object) == ("printf %s 'two words'", "this machine", "command/printf")
    assert plan.request.endswith("/printf %s 'two words'")
    assert (plan.context, plan.namespace, plan.warnings) == ("", "", ())


async def test_a_script_is_said_to_be_read_by_a_shell() -> None:
    plan = await Alone().plan(script("echo $STATUS | wc -l", status="it's"))
    assert plan.warnings[0] in ("a shell reads it: bash", "a shell reads it: sh")
    assert plan.command.startswith("STATUS='it'\"'\"'s' ")
    assert plan.object == "script/script"


async def test_a_program_that_is_not_installed_is_refused_with_the_text_to_copy() -> None:
    plan = await Alone().plan(Command(("no-such-vercel", "cron", "pause"), heading=CHANGES))
    assert plan.refusals == ("`no-such-vercel` is not installed here: copy the text, or mark the step done by hand",)
    assert plan.copy == "no-such-vercel cron pause"


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("no-such-vercel logs --since 10m | grep ERROR | no-such-jq .", "`no-such-vercel`, `no-such-jq` are"),
        ("for i in 1 2; do echo $(no-such-tool $i); done", "`no-such-tool` is"),
        ("if command -v no-such-jq; then no-such-jq .; else cat; fi", ""),
        ("no_such_function() { :; }; no_such_function; export A=1; [ -n x ] && $TOOL", ""),
    ],
)
async def test_what_a_script_calls_is_looked_up_too(text: str, absent: str) -> None:
    plan = await Alone().plan(script(text))
    assert plan.refusals == ((f"{absent} not installed here: {plan.refusals[0].partition(': ')[2]}",) if absent else ())
    assert bool(plan.copy) == bool(absent)


async def test_both_outputs_come_in_the_order_of_their_arrival() -> None:
    result = await Alone().run(script("echo one; echo two >&2; echo three; exit 3"))
    assert result.output == "one\ntwo\nthree"
    assert (result.outcome, result.exit, result.error) == ("failed", 3, "ended with exit status 3")


async def test_output_is_shown_while_it_runs() -> None:
    here = Alone()
    running = asyncio.create_task(here.run(script("echo begun; sleep 60")))
    await eventually(lambda: any("begun" in each.lines for each in here.told))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize(
    ("text", "exit", "says"),
    [
        ("kill -9 $$", -9, "ended by SIGKILL"),
        ("kill -TERM $$", -15, "ended by SIGTERM"),
        ("sh -c 'kill -9 $$'; exit $?", 137, "a program in it was ended by SIGKILL"),
        ('X=no-such-program; "$X"', 127, "is not installed"),
    ],
)
async def test_how_it_ended_is_said(text: str, exit: int, says: str) -> None:
    result = await Alone().run(script(text))
    assert (result.outcome, result.exit) == ("failed", exit)
    assert says in result.error


def test_a_signal_without_a_name_has_its_number() -> None:
    assert Ended(-63).words == "ended by signal 63"
    assert Ended(0).words == ""


async def test_nobody_is_asked_for_a_password_or_a_key() -> None:
    """There is no terminal and no input, so what would ask fails instead of waiting."""
    asks = "try:\n open('/dev/tty')\nexcept OSError as error:\n print('no tty:', error.strerror)\nprint(repr(input()))"
    result = await Alone().run(python(asks))
    assert "no tty:" in result.output
    assert "EOFError" in result.output
    assert result.outcome == "failed"
    pagers = await Alone().run(script('echo "$PAGER $GIT_PAGER $GIT_TERMINAL_PROMPT"; test -t 0 || echo no'))
    assert pagers.output == "cat cat 0\nno"


async def test_stdin_is_given_and_then_ends() -> None:
    action = Command(("cat",), stdin="one\ntwo", heading=LOOKS)
    assert (await Alone().run(action)).output == "one\ntwo"
    nobody_reads = Command((sys.executable, "-c", ""), stdin="x" * 1_000_000, heading=LOOKS)
    assert (await Alone().run(nobody_reads)).outcome == "succeeded"


async def test_binary_is_made_visible_and_harmless() -> None:
    writes = "import sys; sys.stdout.buffer.write(b'a\\x00\\xff\\xfe\\x1b[2Jb\\r\\nc\\rd\\n\\xe2\\x98')"
    result = await Alone().run(python(writes))
    assert result.output.splitlines() == ["a\\xff\\xfeb", "c", "d", "\\xe2\\x98"]


def alive(name: Path) -> bool:
    """Whether the process that wrote its number into `name` still runs."""
    try:
        process = int(name.read_text())
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, ValueError):
        return False


FORKS = """
(sleep 300 & echo $! > "$FOLDER/child"; trap '' TERM; while :; do sleep 0.05; done) &
echo $! > "$FOLDER/stubborn"
bash -c 'set -m; sleep 300 & echo $! > "$FOLDER/grandchild"'
"""


async def test_what_it_started_does_not_outlive_it(tmp_path: Path) -> None:
    """Background processes, in other process groups and deaf to SIGTERM, hold neither the run nor the machine."""
    result = await Alone().run(script(f"{FORKS}\necho done", folder=str(tmp_path)))
    assert result.outcome == "succeeded"
    assert result.output.splitlines() == ["done", "… what it left running in the background was ended"]
    for name in ("child", "stubborn", "grandchild"):
        assert (tmp_path / name).read_text().strip().isdigit()
        assert not alive(tmp_path / name)


async def test_one_that_left_the_session_cannot_hold_the_run(tmp_path: Path) -> None:
    """It keeps the output open; the run ends all the same."""
    daemon = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        " os.setsid()\n"
        " open(os.environ['FOLDER'] + '/daemon', 'w').write(str(os.getpid()))\n"
        " time.sleep(300)\n"
        "print('parent done', flush=True)"
    )
    action = Command((sys.executable, "-c", daemon), values=given(folder=str(tmp_path)), heading=LOOKS)
    result = await Alone().run(action)
    try:
        assert (result.outcome, result.output) == ("succeeded", "parent done")
    finally:
        await eventually(lambda: (tmp_path / "daemon").exists())
        os.kill(int((tmp_path / "daemon").read_text()), signal.SIGKILL)


@pytest.mark.parametrize(("risk", "outcome"), [("read-only", "failed"), ("changing", "unknown")])
async def test_one_that_hangs_is_ended_with_all_its_children(tmp_path: Path, risk: Risk, outcome: str) -> None:
    """A change that was cut off has an unknown outcome: nobody knows how far it came."""
    here = Alone()
    action = script(f"{FORKS}\necho begun; sleep 300", risk=risk, folder=str(tmp_path))
    plan = await here.plan(action)
    running = asyncio.create_task(here.runner.execute(plan, Confirmation(yes=True), here.told.append))
    await eventually(lambda: (tmp_path / "grandchild").exists() and any("begun" in each.lines for each in here.told))
    here.clock.skip(plan.timeout + 1)
    result = await running
    assert result.outcome == outcome
    assert "not done within 30 s" in result.error
    assert not any(alive(tmp_path / name) for name in ("child", "stubborn", "grandchild"))
    assert here.notebook.kinds == ["run-intent", "run-result"]


async def test_a_flood_is_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some 200 MB are read as fast as they come; what is kept stays small, and its end is there."""
    monkeypatch.setattr(intake, "SHOWN", 200_000)
    floods = "import os, sys\nfor _ in range(3200): os.write(1, b'x' * 65535 + b'\\n')\nprint('the reason at the end')"
    here = Alone()
    result = await here.run(python(floods))
    assert result.outcome == "succeeded"
    assert len(result.output) < 70_000
    assert "bytes left out" in result.output
    assert result.output.endswith("the reason at the end")
    assert result.bytes < 300_000
    dropped = next(line for line in result.output.splitlines() if "they were never taken" in line)
    assert int(dropped.split()[1]) > 209_000_000


async def test_the_whole_stands_beside_the_record(tmp_path: Path) -> None:
    """Redacted, for its owner alone, and with the hash that the record has."""
    writes = "for n in range(9000): print('line', n, 'password=hunter2')"
    here, folder = Alone(), tmp_path / "spool"
    plan = await here.plan(python(writes, spool=folder))
    result = await here.runner.execute(plan)
    path = folder / f"{plan.run}.log"
    assert f"… the whole output is in {path}" in result.output
    whole = path.read_bytes()
    assert b"line 4500 " in whole
    assert b"hunter2" not in whole
    assert "line 4500 " not in result.output
    assert (len(whole), hashlib.sha256(whole).hexdigest()) == (result.bytes, result.sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    small = await here.run(python("print(1)", spool=folder))
    assert small.output == "1"
    assert [path.name for path in folder.iterdir()] == [path.name]


async def test_a_copy_that_cannot_be_written_is_said_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = await Alone().run(python("for n in range(9000): print('line', n)", spool=tmp_path / "file"))
    assert result.outcome == "succeeded"
    assert "line 8999" in result.output
    assert result.bytes > 70_000


async def test_secrets_are_nowhere_but_in_the_environment(tmp_path: Path) -> None:
    """Not in plan, intent or output, however the program writes them: whole, quoted, in a URL, cut by a long line."""
    secret = 'p4ss "w/o rd'
    writes = (
        "import os, json, urllib.parse\n"
        "s = os.environ['API_KEY']\n"
        "print('plain', s); print(json.dumps(s)); print(urllib.parse.quote(s, safe='')); print('y' * 16380 + s + 'z')"
    )
    here = Alone()
    values = given(("api-key",), **{"api-key": secret})
    action = Command((sys.executable, "-c", writes), values=values, heading=LOOKS, spool=tmp_path)
    plan = await here.plan(action)
    result = await here.runner.execute(plan, Confirmation(), here.told.append)
    assert "plain $API_KEY" in result.output
    typed = await here.plan(script('printf "X-Key: $API_KEY"', secret=("api-key",), **{"api-key": secret}))
    assert 'API_KEY="$API_KEY"' in typed.command
    everything = here.everything() + repr(plan.intent()) + repr(typed.intent())
    assert "p4ss" not in everything
    assert "w/o rd" not in everything


async def test_the_environment_is_the_parent_s_without_the_cockpit_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_RECORD", "postgresql://me:hunter2@db/x")
    monkeypatch.setenv("FOR_ALL", "yes")
    action = Command(("env",), values=given(path="/x", pod="a"), kubeconfig=Path("/k/config"), heading=LOOKS)
    lines = (await Alone().run(action)).output.splitlines()
    assert "FOR_ALL=yes" in lines
    assert "POD=a" in lines
    assert "KUBECONFIG=/k/config" in lines
    assert "PATH=/x" not in lines
    assert not [line for line in lines if line.startswith("COCKPIT_")]


async def test_a_parameter_that_would_replace_what_all_programs_read_is_refused() -> None:
    plan = await Alone().plan(script('ls "$PATH"', path="/x"))
    assert "would replace PATH" in plan.refusals[0]


async def test_what_wants_a_terminal_gets_it_and_is_not_captured() -> None:
    here, given_to = Alone(), []

    async def terminal(argv: object, env: object) -> int:
        given_to.append(argv)
        return 0

    action = Command(("vi", "/etc/hosts"), tty=True, heading=Heading("Edit", risk="interactive"))
    if (plan := await here.plan(action)).refusals:
        action = Command((sys.executable, "x"), tty=True, heading=Heading("Edit", risk="interactive"))
        plan = await here.plan(action)
    assert (plan.interactive, plan.confirm.kind) == ("terminal", "yes")
    assert "not recorded" in plan.warnings[-1]
    result = await here.runner.execute(plan, Confirmation(yes=True), terminal=terminal)
    assert given_to == [action.terminal_argv()]
    assert isinstance(result, RunResult)
    assert "what it showed is not recorded" in result.output
