"""Docker, podman and what runs containers on a node."""

from __future__ import annotations

from cockpit.runbook.risk.call import Call, Rules
from cockpit.runbook.risk.judgement import Judgement, worst
from cockpit.runbook.risk.options import Options, Syntax, read, syntax
from cockpit.runbook.risk.tools.verbs import Verbs, verbs
from cockpit.runbook.risk.words import Word

_DOCKER = verbs(
    syntax(
        "-H --host -c --context --config -l --log-level --tlscacert --tlscert --tlskey --url",
        "-D --debug --tls --tlsverify",
        strict=True,
    ),
    "ps, logs, inspect, images, stats, top, port, diff, version, info, history, search, events, container ls, "
    "container list, container ps, container inspect, container logs, container stats, container top, container port, "
    "container diff, image ls, image list, image inspect, image history, volume ls, volume list, volume inspect, "
    "network ls, network list, network inspect, system df, system info, system events, context ls, context show, "
    "service ls, service ps, service inspect, service logs, node ls, node ps, node inspect, stack ls, stack ps, "
    "stack services",
    "rm, rmi, kill, container rm, container kill, container prune, image rm, image prune, volume rm, volume prune, "
    "network rm, network prune, system prune, builder prune, service rm, stack rm, node rm, secret rm, config rm",
)
_COMPOSE = verbs(
    syntax(
        "-f --file -p --project-name --profile --env-file --project-directory --ansi --parallel --progress",
        "--compatibility --dry-run --all-resources --verbose",
        strict=True,
    ),
    "ps, logs, config, images, top, ls, version, events, port, stats",
    "down, rm, kill",
    words=1,
)
_EXEC = syntax("-e --env -u --user -w --workdir --env-file --detach-keys --index", first=True)
_CRICTL = verbs(
    syntax("-c --config -r --runtime-endpoint -i --image-endpoint -t --timeout", "-D --debug", strict=True),
    "ps, pods, logs, inspect, inspectp, inspecti, images, img, info, stats, statsp, version",
    "rm, rmp, rmi, stopp",
    words=1,
)


def judge_docker(call: Call) -> Judgement:
    """`docker` and `podman`, by verb; `exec` by its command."""
    options = call.options(_first(_DOCKER))
    if options.verb == "compose":
        return _judge_compose(call, options.operands[1:])
    if options.verb == "container" and options.operands[1:2] and options.operands[1].text == "exec":
        return _judge_exec(call, options.operands[2:])
    if options.verb == "exec":
        return _judge_exec(call, options.operands[1:])
    return _followed(call, _DOCKER, options)


def judge_compose(call: Call) -> Judgement:
    """`docker-compose`, the older name."""
    return _judge_compose(call, list(call.args))


def judge_crictl(call: Call) -> Judgement:
    """`crictl`, by verb; `exec` by its command."""
    options = call.options(_first(_CRICTL))
    return _judge_exec(call, options.operands[1:]) if options.verb == "exec" else _followed(call, _CRICTL, options)


def _judge_compose(call: Call, words: list[Word]) -> Judgement:
    options = read(words, _first(_COMPOSE))
    if options.verb == "exec":
        return _judge_exec(call, options.operands[1:])
    return _followed(call, _COMPOSE, options)


def _first(of: Verbs) -> Syntax:
    return syntax(" ".join(of.how.valued), " ".join(of.how.switches), strict=True, first=True)


def _judge_exec(call: Call, words: list[Word]) -> Judgement:
    """`exec [options] CONTAINER CMD`."""
    options = read(words, _EXEC)
    command = [*options.operands, *(options.rest or ())][1:]
    return call.command(command) if command else call.unknown("exec", "has no command")


def _followed(call: Call, of: Verbs, options: Options) -> Judgement:
    """By verb, and whether it goes on or wants a terminal."""
    judgement = of.judge(call, options)
    texts = [each.text for each in options.operands]
    behind = read(options.operands, syntax("-n --tail --since --until --format --filter -t"))
    verb = next((each for each in texts[:2] if each in ("logs", "stats", "events", "attach", "run")), "")
    if verb == "attach":
        return call.asks("attach")
    if verb == "run" and behind.switched("-i", "--interactive"):
        return worst([judgement, call.asks("run -i")])
    goes_on = (verb == "logs" and behind.switched("-f", "--follow")) or (
        (verb == "stats" and not behind.switched("--no-stream")) or (verb == "events" and not behind.has("--until"))
    )
    return worst([judgement, call.asks(verb, "stream")]) if goes_on else judgement


RULES: Rules = {
    **dict.fromkeys(("docker", "podman", "nerdctl"), judge_docker),
    "docker-compose": judge_compose,
    "podman-compose": judge_compose,
    "crictl": judge_crictl,
}
