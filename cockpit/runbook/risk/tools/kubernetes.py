"""What kubectl and its relations can do to a cluster, by verb.

The verbs are those of `kubectl help`, version 1.36; a verb that is not there is a plugin, and unknown.
"""

from __future__ import annotations

import re

from cockpit.runbook.risk.call import Call, Rules, plain
from cockpit.runbook.risk.judgement import Judgement, worst
from cockpit.runbook.risk.options import Options, names, read, syntax
from cockpit.runbook.risk.tools.verbs import verbs
from cockpit.runbook.risk.words import UNKNOWN, Word

GLOBAL_VALUED = (
    "-n --namespace --context --cluster --user --kubeconfig -s --server --token --as --as-group --as-uid --cache-dir "
    "--certificate-authority --client-certificate --client-key --request-timeout --tls-server-name --password "
    "--username --profile --profile-output --log-flush-frequency -v --v --vmodule"
)
_GLOBAL_SWITCHES = "--insecure-skip-tls-verify --match-server-version --warnings-as-errors --disable-compression"
_VALUED = (
    f"{GLOBAL_VALUED} -l --selector -o --output -c --container --tail --since --since-time --limit-bytes --sort-by "
    "--field-selector -L --label-columns --template --chunk-size --replicas --current-replicas --timeout -k "
    "--kustomize --to-revision --revision --pod-running-timeout --max-log-requests --address "
    "--type --image --port --for --types "
    "--grace-period --overrides --env --labels --subresource --resource-version -e --keys --prefix --raw"
)
_FIRST = syntax(GLOBAL_VALUED, _GLOBAL_SWITCHES, strict=True, first=True)
LOGS = syntax(_VALUED)
_OLD_EXEC = syntax(_VALUED, first=True)
OTHERS = syntax(f"{_VALUED} -f --filename -p --patch", _GLOBAL_SWITCHES, strict=True)

_READING = names(
    "get describe logs top explain api-resources api-versions version events diff wait options help completion"
)
_READING_PAIRS = frozenset(
    ("auth", second) for second in ("can-i", "whoami")
) | frozenset(
    ("config", second) for second in ("view", "get-contexts", "get-clusters", "get-users", "current-context")
) | {("rollout", "status"), ("rollout", "history"), ("plugin", "list")}  # fmt: skip
_CHANGING = names(
    "apply create patch set label annotate cordon uncordon taint rollout autoscale expose replace scale run edit "
    "debug certificate config auth cp"
)
_DRY = names(
    "apply create patch set label annotate cordon uncordon taint autoscale expose replace scale run delete drain"
)  # fmt: skip
_OPENSHIFT = names("whoami status projects")
_SHELLS = names("sh bash ash zsh dash ksh")
_POD_FILE = re.compile(r"[^:]+:.+")

_HELM = verbs(
    syntax("-n --namespace --kube-context --kubeconfig --kube-apiserver --kube-token --registry-config "
           "--repository-cache --repository-config", "--debug", strict=True),
    "list, ls, status, history, hist, get, diff, show, inspect, search, env, version, lint, verify, template, "
    "repo list, plugin list, dependency list, dep list, help",
    "uninstall, delete, del, un",
)  # fmt: skip
_ARGO = verbs(
    syntax("--server --auth-token --config --context --grpc-web-root-path", "--grpc-web --insecure --plaintext",
           strict=True),
    "app list, app get, app diff, app history, app logs, app manifests, app resources, cluster list, proj list, "
    "repo list, version, context",
    "app delete, cluster rm, proj delete, repo rm",
)  # fmt: skip
_ISTIO = verbs(
    syntax("-n --namespace -i --istioNamespace --context -c --kubeconfig", strict=True),
    "proxy-status, ps, proxy-config, pc, analyze, version, describe, x describe",
)
_FLUX = verbs(
    syntax("-n --namespace --context --kubeconfig", strict=True), "get, check, version, logs, trace, tree, events"
)


def judge_kubectl(call: Call) -> Judgement:
    """`kubectl`, `k` and `oc`, by verb."""
    front = call.options(_FIRST)
    verb = front.verb
    if not verb:
        return call.unknown(front.early, "without a certain verb is not known")
    rest = front.operands[1:] + ([Word("--"), *front.rest] if front.rest is not None else [])
    if verb in ("exec", "rsh"):
        return _judge_exec(call, rest, verb)
    options = read(rest, LOGS if verb == "logs" else OTHERS)
    if special := _SPECIAL.get(verb):
        return special(call, options)
    if verb in _DRY and _dry(options):
        return call.reads(f"{verb} --dry-run")
    second = options.operands[0].text if options.operands and options.operands[0].fixed and options.certain else ""
    if verb in _READING or (verb, second) in _READING_PAIRS or (call.name == "oc" and verb in _OPENSHIFT):
        return _reading(call, verb, second, options)
    return _changing(call, verb, second, options)


def is_verb(verb: str) -> bool:
    """Whether kubectl itself has that verb; others are plugins."""
    return verb in _READING | _CHANGING or verb in _SPECIAL or verb in ("delete", "drain", "exec", "plugin")


def _dry(options: Options) -> bool:
    """Whether nothing is stored: pflag takes the last `--dry-run`, so all of them must say so."""
    given = [value for name, value in options.given if name == "--dry-run"]
    return bool(given) and all(each and each.fixed and each.text in ("client", "server") for each in given)


def _reading(call: Call, verb: str, second: str, options: Options) -> Judgement:
    follows = {"logs": ("-f", "--follow"), "get": ("-w", "--watch", "--watch-only"), "events": ("-w", "--watch")}
    if options.switched(*follows.get(verb, ())):
        return call.asks(f"{verb} -{'f' if verb == 'logs' else 'w'}", "stream")
    return call.reads(f"{verb} {second}" if (verb, second) in _READING_PAIRS else verb)


def _changing(call: Call, verb: str, second: str, options: Options) -> Judgement:
    if verb in ("delete", "drain"):
        return call.destroys(verb, "deletes" if verb == "delete" else "evicts all pods of a node")
    if verb == "scale" and _to_nothing(options):
        return call.destroys("scale --replicas=0", "leaves nothing that answers")
    if verb == "replace" and options.switched("--force"):
        return call.destroys("replace --force", "deletes and creates again")
    if verb == "apply" and options.switched("--prune"):
        return call.destroys("apply --prune", "deletes what is not in the file")
    if verb == "config" and second.startswith(("delete-", "unset")):
        return call.destroys(f"config {second}")
    if verb in _CHANGING:
        return call.changes(f"{verb} {second}" if verb in ("rollout", "config", "auth", "set") else verb)
    return call.unknown(verb, "is not known: no verb of kubectl")


def _to_nothing(options: Options) -> bool:
    return any(not each.text.strip("0") for each in options.values("--replicas") if each.fixed)


def _judge_edit(call: Call, options: Options) -> Judgement:
    return call.asks("edit")


def _judge_attach(call: Call, options: Options) -> Judgement:
    return call.asks("attach")


def _judge_forward(call: Call, options: Options) -> Judgement:
    return call.asks("port-forward", "forward")


def _judge_proxy(call: Call, options: Options) -> Judgement:
    return call.asks("proxy", "forward")


def _judge_cluster_info(call: Call, options: Options) -> Judgement:
    if options.has("--output-directory"):
        return call.changes("cluster-info dump", "writes files")
    return call.reads("cluster-info")


def _judge_exec(call: Call, words: list[Word], verb: str) -> Judgement:
    """`exec POD -- CMD`: what the command does; without `--`, the older form, it stands behind the pod."""
    command = read(words, OTHERS).rest
    if command is None:
        command = tuple(read(words, _OLD_EXEC).operands[1:])
    if not command and verb == "rsh":
        return call.asks(verb)
    if not command:
        return call.unknown(verb, "without a command is not known")
    if _is_shell(command) and call.stdin is None:
        return call.asks(f"exec … {command[0].text}")
    return call.command(command)


def _is_shell(command: tuple[Word, ...]) -> bool:
    """Whether it is a shell that nobody gives anything to run."""
    name = command[0].text.rsplit("/", 1)[-1]
    return command[0].fixed and name in _SHELLS and all(each.text in ("-i", "-l", "--login") for each in command[1:])


def _judge_run(call: Call, options: Options) -> Judgement:
    """`run -it` is a terminal in a new pod; else a pod is made."""
    if _dry(options):
        return call.reads("run --dry-run")
    typed = options.switched("-i", "--stdin") and options.switched("-t", "--tty")
    if not typed:
        return call.changes("run", "makes a pod")
    command = options.rest
    if command and not _is_shell(command):
        return worst([call.words_judged(command, UNKNOWN), call.changes("run", "makes a pod")])
    return call.asks("run -it")


def _judge_debug(call: Call, options: Options) -> Judgement:
    made = call.changes("debug", "adds a container or a pod")
    return worst([made, call.asks("debug -it")]) if options.switched("-i", "--stdin") else made


def _judge_copy(call: Call, options: Options) -> Judgement:
    """`cp POD:FILE FILE` reads from the pod; the other way changes it."""
    operands = [*options.operands, *(options.rest or ())]
    if len(operands) != 2 or not operands[1].fixed or operands[1].loose:
        return call.changes("cp", "may change files of a pod")
    if _POD_FILE.fullmatch(operands[1].text) or not _POD_FILE.fullmatch(operands[0].text):
        return call.changes("cp", "changes files of a pod")
    return call.reads("cp")


_SPECIAL = {
    "edit": _judge_edit,
    "attach": _judge_attach,
    "port-forward": _judge_forward,
    "proxy": _judge_proxy,
    "cluster-info": _judge_cluster_info,
    "run": _judge_run,
    "debug": _judge_debug,
    "cp": _judge_copy,
}


def judge_helm(call: Call) -> Judgement:
    """`helm`, by verb; `--post-renderer` runs a program, `--dry-run` changes nothing."""
    options = call.options(_HELM.how)
    if options.has("--post-renderer") or (options.verb == "template" and options.has("--output-dir")):
        return call.changes(options.verb, "writes files or runs a program")
    dry = [value.text if value else "" for name, value in options.given if name == "--dry-run"]
    if dry and options.verb and all(each in ("", "client", "server", "true") for each in dry):
        return call.reads(f"{options.verb} --dry-run")
    return _HELM.judge(call, options)


def judge_stern(call: Call) -> Judgement:
    """`stern` follows logs."""
    return call.reads("--no-follow") if call.options(syntax()).has("--no-follow") else call.asks(how="stream")


def judge_context(call: Call) -> Judgement:
    """`kubectx`, `kubens`: alone they list."""
    return call.changes() if call.args else call.reads()


RULES: Rules = {
    **dict.fromkeys(("kubectl", "k", "oc"), judge_kubectl),
    **dict.fromkeys(("kubectx", "kubens"), judge_context),
    "helm": judge_helm,
    "argocd": _ARGO.judge,
    "istioctl": _ISTIO.judge,
    "flux": _FLUX.judge,
    "stern": judge_stern,
    "kubeval": plain,
    "kubeconform": plain,
}
