"""Clients of Redis, MongoDB, RabbitMQ, Kafka and etcd."""

from __future__ import annotations

import re
import shlex

from cockpit.runbook.risk.call import Call, Rules
from cockpit.runbook.risk.judgement import Judgement, changes, destroys, reads, worst
from cockpit.runbook.risk.options import Options, names, syntax
from cockpit.runbook.risk.tools.verbs import verbs

_REDIS = syntax(
    "-h -p -s -a -u -n -r -i -t -d --user --pass --cacert --cert --key --sni --pattern --count "
    "--type --intrinsic-latency",
    "-c -2 -3 --tls --raw --no-raw --csv --json --no-auth-warning --insecure --scan --bigkeys "
    "--memkeys --hotkeys --stat "
    "--latency --latency-history --verbose --askpass",
    strict=True,
    first=True,
)
_REDIS_READS = names(
    "get info ping llen lrange lindex keys scan sscan hscan zscan ttl pttl type exists strlen "
    "getrange mget hget hgetall "
    "hmget hkeys hvals hlen hexists smembers scard sismember zrange zcard zscore zcount zrevrange zrank dbsize time "
    "lastsave role echo xlen xrange xrevrange bitcount getbit lolwut randomkey zrangebyscore srandmember expiretime"
)
_REDIS_PAIRS = names(
    "config:get client:list client:info client:id client:getname slowlog:get slowlog:len cluster:info cluster:nodes "
    "cluster:slots cluster:shards cluster:myid memory:usage memory:stats memory:doctor latency:latest latency:history "
    "latency:doctor xinfo:stream xinfo:groups xinfo:consumers object:encoding object:idletime object:freq acl:list "
    "acl:whoami command:count command:info module:list script:exists pubsub:channels pubsub:numsub pubsub:numpat "
    "sentinel:masters sentinel:master sentinel:replicas sentinel:slaves sentinel:get-master-addr-by-name"
)
_REDIS_DESTROYS = names("flushall flushdb del unlink shutdown getdel xtrim ltrim xdel hdel srem zrem swapdb")
_REDIS_STREAMS = names("monitor subscribe psubscribe ssubscribe")

_MONGO_READS = re.compile(
    r"""(printjson|JSON\.stringify|print)?\(*
    (?:(?:rs\.(?:status|conf|printSecondaryReplicationInfo|printReplicationInfo|hello)
        |db\.(?:stats|serverStatus|currentOp|hostInfo|version|getCollectionNames|getName|hello|printCollectionStats)
        |sh\.status|db\.adminCommand|db\.runCommand)\([^();]*\)
      |db(?:\.getCollection\(["']\w+["']\)|\.\w+)
        \.(?:find|findOne|count|countDocuments|estimatedDocumentCount|distinct|stats|getIndexes)\([^();]*\)
      |show\s+(?:dbs|databases|collections|users|profile))
    (?:\.(?:limit|sort|skip|pretty|toArray|count|explain|members|ok|connections)(?:\([^();]*\))?)*
    \)*;?""",
    re.X,
)
_MONGO_COMMAND = re.compile(
    r"Command\(\s*(?!\{\s*[\"']?(ping|serverStatus|replSetGetStatus|currentOp|dbStats|hello)\b)"
)
_MONGO_DESTROYS = re.compile(r"\.(drop\w*|delete\w*|remove\w*|findOneAndDelete)\(|\bshutdownServer\b")
_MONGO_CODE = re.compile(r"function|=>|\$where|\$function|\$out|\$merge")

_RABBIT = verbs(
    syntax("-n --node -p --vhost -t --timeout --formatter -H --host -P --port -u --username --password -V --format -f",
           "-q --quiet -s --silent --dry-run -l --longnames --online --offline --local", strict=True),
    "list_*, list, show, status, cluster_status, environment, report, ping, check_*, node_health_check, version, help, "
    "alarms, memory_breakdown, listeners, server_version, check_running, is_running, is_booting, log_location",
    "purge_queue, delete_*, purge, delete, reset, force_reset, clear_permissions, forget_cluster_node, stop",
    words=1,
)  # fmt: skip
_ETCD = verbs(
    syntax("--endpoints --cacert --cert --key --user --password -w --write-out --command-timeout --dial-timeout",
           "--debug --hex", strict=True),
    "get, endpoint health, endpoint status, endpoint hashkv, member list, alarm list, version, user list, role list",
    "del, member remove",
)  # fmt: skip
_KAFKA_CHANGES = (
    "--alter",
    "--create",
    "--execute",
    "--add",
    "--remove",
    "--add-config",
    "--delete-config",
    "--cancel",
)
_KAFKA_READS = ("--list", "--describe", "--version", "--dry-run", "--verify", "--status", "--state")


def judge_redis(call: Call) -> Judgement:
    """`redis-cli`, by command; without one it is a terminal, or does what it is given to read."""
    options = call.options(_REDIS)
    if unsure := call.unsure(options):
        return unsure
    if options.early or options.has("--rdb", "--pipe", "--eval", "--cluster", "-x"):
        return call.unknown(options.early)
    if options.has("--stat", "--latency", "--latency-history"):
        return call.asks("--stat", "stream")
    if options.has("--scan", "--bigkeys", "--memkeys", "--hotkeys", "--intrinsic-latency") and not options.operands:
        return call.reads("--scan")
    if options.operands:
        certain = [each.text if each.fixed else "" for each in options.operands[:2]]
        return _redis(call, *certain)
    if call.stdin is None:
        return call.asks()
    return call.code(call.stdin, lambda text: _redis_lines(call, text))


def _redis_lines(call: Call, text: str) -> Judgement:
    judgements = []
    for line in filter(str.strip, text.splitlines()):
        try:
            judgements.append(_redis(call, *shlex.split(line)[:2]))
        except ValueError:
            return call.unknown(line)
    return worst(judgements)


def _redis(call: Call, command: str = "", second: str = "") -> Judgement:
    name = command.lower()
    if name in _REDIS_DESTROYS:
        return call.destroys(command)
    if name in _REDIS_STREAMS:
        return call.asks(command, "stream")
    if name in _REDIS_READS or f"{name}:{second.lower()}" in _REDIS_PAIRS:
        return call.reads(f"{command} {second}" if name not in _REDIS_READS else command)
    return call.changes(command) if name else call.unknown()


def judge_mongo(call: Call) -> Judgement:
    """`mongosh --eval CODE`; the code is only known where it is one plain question."""
    options = call.options(
        syntax("--eval --host --port -u --username -p --password --authenticationDatabase -f --file")
    )
    if unsure := call.unsure(options):
        return unsure
    files = [each for each in options.operands if each.text.endswith(".js")]
    if files or options.has("-f", "--file", "--shell"):
        return call.unknown("-f", "stands in a file")
    codes = options.values("--eval") or ([call.stdin] if call.stdin else [])
    return worst(call.code(each, _mongo) for each in codes) if codes else call.asks()


def _mongo(code: str) -> Judgement:
    if len(code) > 2_000:
        return changes("the code for MongoDB is too long to be read")
    if _MONGO_DESTROYS.search(code):
        return destroys("the code for MongoDB deletes")
    asks = _MONGO_READS.fullmatch(code.strip()) and not _MONGO_CODE.search(code) and not _MONGO_COMMAND.search(code)
    return reads("the code for MongoDB only asks") if asks else changes("what the code for MongoDB does is not known")


def judge_kafka(call: Call) -> Judgement:
    """`kafka-topics.sh` and its like, by what they are asked for."""
    options = call.options(syntax(letters=False))
    if unsure := call.unsure(options):
        return unsure
    tool = call.name.removesuffix(".sh")
    if tool in ("kafka-broker-api-versions", "kafka-get-offsets"):
        return call.reads()
    if tool == "kafka-console-consumer":
        return _consumer(call, options)
    if options.may("--delete", "--delete-offsets"):
        return call.destroys("--delete")
    if options.may(*_KAFKA_CHANGES):
        return call.changes()
    return call.reads() if options.has(*_KAFKA_READS) else call.unknown()


def _consumer(call: Call, options: Options) -> Judgement:
    if options.may("--group", "--consumer-property", "--consumer.config"):
        return call.changes("--group", "moves the group's offsets")
    return call.reads("--max-messages") if options.has("--max-messages") else call.asks(how="stream")


_KAFKA = (
    "topics consumer-groups configs acls log-dirs broker-api-versions get-offsets console-consumer "
    "reassign-partitions metadata-quorum leader-election"
)

RULES: Rules = {
    **dict.fromkeys(("redis-cli", "valkey-cli", "keydb-cli"), judge_redis),
    **dict.fromkeys(("mongosh", "mongo"), judge_mongo),
    **dict.fromkeys(("rabbitmqctl", "rabbitmq-diagnostics", "rabbitmqadmin", "rabbitmq-queues"), _RABBIT.judge),
    **dict.fromkeys((f"kafka-{each}{end}" for each in _KAFKA.split() for end in ("", ".sh")), judge_kafka),
    "etcdctl": _ETCD.judge,
}
