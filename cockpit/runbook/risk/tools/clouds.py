"""Clouds, hosts of applications, and what describes them as code."""

from __future__ import annotations

from cockpit.runbook.risk.call import Call, Rules, plain
from cockpit.runbook.risk.judgement import Judgement
from cockpit.runbook.risk.options import names, syntax
from cockpit.runbook.risk.tools.verbs import verbs

_AWS = syntax(
    "--region --profile --output --query --endpoint-url --ca-bundle --cli-read-timeout --cli-connect-timeout --color",
    "--no-verify-ssl --no-paginate --no-sign-request --debug --no-cli-pager",
    strict=True,
)
_AWS_READS = ("describe-", "list-", "get-", "head-", "lookup-", "search-", "batch-get-", "filter-", "wait", "help")
_AWS_DESTROYS = ("delete-", "terminate-", "remove-", "purge-", "deregister-", "batch-delete-", "rm", "rb")
_AWS_WRITES = names("get-object get-login get-credentials")
_AWS_OTHERS = names("ls list scan query tail presign simulate-principal-policy test-metric-filter")

_GROUPS = names(
    "alpha beta compute instances disks networks container clusters node-pools sql operations backups logging "
    "logs projects services run revisions functions pubsub topics subscriptions iam service-accounts roles config "
    "dns configurations auth record-sets managed-zones storage buckets objects monitoring policies dashboards "
    "secrets versions redis app builds artifacts repositories docker images firewall-rules addresses forwarding- "
    "rules backend-services health-checks url-maps instance-groups managed snapshots zones regions machine-types "
    "quotas deployments releases spanner databases jobs executions kms vm vmss aks nodepool acr group account "
    "network nic nsg rule lb public-ip vnet subnet webapp log functionapp monitor metrics activity-log alert "
    "server db postgres flexible-server mysql cosmosdb keyvault secret key certificate resource deployment "
    "identity ad user sp role assignment servicebus queue topic subscription eventhubs namespace containerapp "
    "revision replica appservice plan cdn zone record-set repository endpoint slot"
)
_CLOUD_READS = names("list show describe read get-value get-iam-policy get-instance-view list-instances history")
_CLOUD_READS |= {"get-health", "get-server-config", "get-versions", "get-upgrades", "list-usage", "check-health"}
_CLOUD_DESTROYS = names("delete remove purge destroy terminate")
_CLOUD = syntax(
    "--project --account --configuration --format --filter --region --zone --verbosity --subscription -o --output "
    "--query -g --resource-group -n --name --limit",
    "-q --quiet --debug --verbose --only-show-errors",
    strict=True,
)

_VERCEL = verbs(
    syntax("-S --scope -t --token -A --local-config -Q --global-config --cwd -T --team", "-d --debug --no-color",
           strict=True),
    "logs, log, ls, list, inspect, whoami, env ls, env list, domains ls, domains inspect, dns ls, certs ls, alias ls, "
    "project ls, projects ls, project inspect, teams ls, cron ls, help",
    "rm, remove, env rm, env remove, domains rm, dns rm, certs rm, alias rm, project rm, teams rm, blob del",
)  # fmt: skip
_TERRAFORM = verbs(
    syntax("", "-chdir", strict=True, letters=False),
    "plan, show, output, validate, version, providers, graph, state list, state show, state pull, workspace list, "
    "workspace show, fmt -check",
    "destroy, state rm, workspace delete",
)
_TERRAFORM_RUNS = names("-out -generate-config-out --out")


def judge_aws(call: Call) -> Judgement:
    """`aws SERVICE OPERATION`: operations say by their first word what they do."""
    options = call.options(_AWS)
    if options.early or len(options.operands) < 2 or options.certain < 2:
        return call.unknown(options.early, "without a certain operation is not known")
    service, operation = options.operands[0], options.operands[1]
    if not (service.fixed and operation.fixed):
        return call.unknown()
    name, phrase = operation.text, f"{service.text} {operation.text}"
    if name.startswith(_AWS_DESTROYS):
        return call.destroys(phrase)
    if phrase == "ssm start-session":
        return call.asks(phrase)
    if phrase == "logs tail" and options.has("--follow"):
        return call.asks(phrase, "stream")
    if name in _AWS_WRITES:
        return call.changes(phrase, "writes a file")
    return call.reads(phrase) if name.startswith(_AWS_READS) or name in _AWS_OTHERS else call.changes(phrase)


def judge_cloud(call: Call) -> Judgement:
    """`gcloud` and `az`: groups, and behind them the verb."""
    options = call.options(_CLOUD)
    groups: list[str] = []
    for operand in options.operands[: options.certain]:
        if not operand.fixed:
            break
        groups.append(operand.text)
        phrase = " ".join(groups)
        if operand.text in _CLOUD_DESTROYS:
            return call.destroys(phrase)
        if operand.text in _CLOUD_READS:
            return call.reads(phrase)
        if operand.text == "tail":
            return call.asks(phrase, "stream")
        if operand.text not in _GROUPS:
            return call.changes(phrase)
    return call.unknown(" ".join(groups), "without a verb is not known")


def judge_vercel(call: Call) -> Judgement:
    """`vercel`, by verb; alone it deploys."""
    options = call.options(_VERCEL.how)
    if options.verb in ("logs", "log") and options.switched("-f", "--follow"):
        return call.asks("logs -f", "stream")
    if not options.operands and not options.early:
        return call.changes(why="alone deploys")
    return _VERCEL.judge(call, options)


def judge_terraform(call: Call) -> Judgement:
    """`terraform` and `tofu`, by verb."""
    options = call.options(_TERRAFORM.how)
    names = {name for name, _ in options.given}
    if names & _TERRAFORM_RUNS:
        return call.changes(options.verb, "writes a file")
    if options.verb == "apply" and {"-destroy", "--destroy"} & names:
        return call.destroys("apply -destroy")
    if options.verb == "fmt" and {"-check", "--check"} & names:
        return call.reads("fmt -check")
    if options.verb == "providers" and len(options.operands) > 1:
        return call.changes("providers")
    return call.asks("console") if options.verb == "console" else _TERRAFORM.judge(call, options)


RULES: Rules = {
    "aws": judge_aws,
    "gcloud": judge_cloud,
    "az": judge_cloud,
    "vercel": judge_vercel,
    "terraform": judge_terraform,
    "tofu": judge_terraform,
    "promtool": verbs(syntax(strict=True), "query, check, version, test").judge,
    "amtool": verbs(
        syntax("--alertmanager.url", strict=True), "alert query, silence query, check-config, cluster show"
    ).judge,
    "hadolint": plain,
}
