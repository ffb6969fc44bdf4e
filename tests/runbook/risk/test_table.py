"""Commands of all kinds, with the risk that a person gives them."""

from __future__ import annotations

import pytest

from cockpit.runbook.actions import Command, Exec
from cockpit.runbook.risk import interactive_as, judge_shell, risk_of_argv, risk_of_method, risk_of_shell

READ_ONLY = r"""
kubectl -n prod get pods -o wide
kubectl --context=a --namespace prod describe deploy/x
k get po
oc whoami
kubectl get secret db -o yaml
kubectl api-resources
kubectl auth can-i delete pods
kubectl config view --minify
kubectl config current-context
kubectl diff -f x.yaml
kubectl wait --for=condition=Ready pod/x --timeout=60s
kubectl rollout -n prod status deploy/x
kubectl apply -f x.yaml --dry-run=server
kubectl delete pod x --dry-run=client
kubectl cp prod/pod:/tmp/heap.hprof ./heap.hprof
kubectl logs x --follow=false
kubectl exec x -- env
kubectl exec x -c app -- sh -c 'ls /tmp | wc -l'
kubectl exec -i x -- psql -c 'SELECT 1'
kubectl get pods | grep -v Running | awk '{print $1}'
kubectl get pods -o name | xargs kubectl describe
kubectl get pods -o name | xargs -I{} kubectl logs {} --tail=5
for p in $(kubectl get pods -o name); do kubectl logs "$p" --tail=10; done
while read -r p; do echo "$p"; done < pods.txt
if kubectl get ns x >/dev/null 2>&1; then echo yes; else echo no; fi
case "$X" in a|b) kubectl get pods;; *) echo other;; esac
f() { kubectl get pods; }; f
POD=$(kubectl get pods -o name | head -1); kubectl describe "$POD"
grep -c ERROR app.log 2>/dev/null || true
sed -n '/start/,/end/p' f | sort -u | uniq -c | sort -rn | head
sed -E 's#https?://##g; s/[0-9]+/N/g' f
awk -F: '$3 > 100 && /a|b/ {n++} END {print n}' f
awk '{print $1 > "/dev/stderr"}' f
awk '{ if ($1 > max) max = $1 } END { printf "%.2f\n", max }'
jq -r '.items[] | select(.x > 1) | .name' f.json
find /var/log -name '*.log' -mtime -1 -size +10M
find . -name '*.log' -exec grep -l ERROR {} \;
IP=$(kubectl get svc x -o jsonpath='{.spec.clusterIP}'); curl http://$IP/health
X=pods; find . "$X" && curl "$BASE-$X"
echo "-delete"; find . -name "$X"
mysql -h h -u root -psecret db -e "SELECT 1"
for i in {1..3}; do curl -s http://x/health; sleep 1; done
kubectl get pods -o jsonpath='{.items[*].metadata.name}'
[[ $a == x && "$b" != y ]] && echo ok
psql -c 'SELECT 1' -c '\dt+'
wget -nv -O /dev/null http://x
tail -n 100 f
date -u +%FT%TZ
date -d '-5 minutes'
tee /dev/null < f
top -b -n 1 | head -20
systemctl status nginx --no-pager
systemctl list-units --failed
journalctl -u app --since "10 min ago" -n 50
ping -c 3 host
nc -zv host 5432
openssl s_client -connect a:443 -servername a </dev/null 2>/dev/null | openssl x509 -noout -dates
dig +short a.example
ss -tlnp
docker ps -a
docker logs --tail 100 app
docker exec app ls /
docker stats --no-stream
docker compose -f x.yml ps
helm -n prod history app
helm get values app
helm rollback app 3 --dry-run
terraform plan
terraform -chdir=x state list
aws ecs describe-services --cluster a --services b
aws --region eu-west-1 s3 ls s3://b
gcloud compute instances list --project x
az aks show -g a -n b
vercel env ls
vercel inspect https://a
redis-cli -h r -p 6379 INFO memory
redis-cli -u "$REDIS_URL" config get maxmemory
redis-cli --scan --pattern 'a:*'
echo PING | redis-cli
psql -l
psql "$DATABASE_URL" -c '\dt'
psql -U postgres -d shop -c "SELECT now()" -c "SHOW max_connections"
psql <<< "SELECT 1"
mysql -h h -u u -e 'SHOW PROCESSLIST'
sqlite3 a.db '.tables'
sqlite3 a.db 'SELECT count(*) FROM t'
mongosh "$URL" --eval 'db.serverStatus().connections'
mongosh --eval 'rs.status()'
rabbitmqctl list_queues name messages
kafka-topics.sh --bootstrap-server b:9092 --describe --topic t
/opt/kafka/bin/kafka-consumer-groups.sh --bootstrap-server b --describe --group g
git log --oneline -5
git branch -a
curl -fsS http://x/health
curl -s -o /dev/null -w '%{http_code}' https://x
curl -I https://x
curl -G -d q=1 https://x
curl -X GET "$BASE_URL/health" -H "Authorization: Bearer $TOKEN"
wget -qO- http://x/health
wget --spider http://x
http GET x.example/health
sudo -u postgres psql -c 'select 1'
env A=1 kubectl get pods
timeout 30 kubectl get pods
time kubectl get pods
nohup sleep 5
bash -c 'kubectl get pods'
ssh ops@host 'df -h && free -m'
export NAMESPACE=prod; cd /tmp; NAME=x
[ -f x ] && echo yes
[[ $x =~ ^a(b|c)$ && -n $y ]] && echo ok
echo "$(date): $(hostname)"
test $((1 + 2)) -gt 2
echo ls | sh
"""

INTERACTIVE = r"""
kubectl edit deploy x
kubectl attach x
kubectl exec -it x -- bash
kubectl exec -it x -n prod -- /bin/sh
kubectl port-forward svc/x 8080:80
kubectl proxy
kubectl logs -f x
kubectl logs -l app=x -f --tail=10 | grep ERROR
kubectl get pods -w
kubectl run -it --rm x --image=busybox -- sh
vi /etc/hosts
less f
top
htop
tail -f f
tail -100f f
journalctl -fu app
ping host
watch kubectl get pods
docker logs -f app
docker stats
docker exec -it app bash
psql "$DATABASE_URL"
redis-cli
redis-cli MONITOR
mysql -h h -u u -p
mongosh
ssh host
stern app
kubectl exec -it db-0 -- psql -U postgres
aws logs tail g --follow
vercel logs x --follow
kafka-console-consumer.sh --bootstrap-server b --topic t
sudo -i
oc rsh x
"""

CHANGING = r"""
kubectl apply -f x.yaml
kubectl rollout restart deploy x
kubectl set env deploy/x A=1
kubectl patch deploy x -p '{}'
kubectl cordon n
kubectl config use-context x
kubectl cp ./a prod/pod:/tmp/a
kubectl apply -f x --dry-run=client --dry-run=none
kubectl neat get pods
kubectl $VERB pods
kubectl --unknown get delete pods
kubectl exec x -- sh -c "$CMD"
kubectl exec x -- sh -c "cat $FILE"
kubectl get pods > pods.txt
kubectl get pods | tee pods.txt
kubectl debug x --image=busybox
$CMD
${CMD} -v
$(echo kubectl) get pods
vercelx logs
./check.sh
bash check.sh
source ./env
. ./env
eval "$CMD"
cat script | bash
sh -s < script
/tmp/ls
sed -i s/a/b/ f
sed --in-pl s/a/b/ f
sed -n 's/a/b/w out' f
sed '1e date' f
sed 's/a/date/e' f
awk 'BEGIN{system("date")}'
awk '{print > "out"}' f
awk '{print | "sh"}' f
awk -f x.awk f
awk '/"/ { print | cmd } /"/' f
sort -o f f
sort --out=f f
uniq a b
find . -fprint out
find . -name $(echo -delete)
X=-delete; find . $X
X=-del; Y=${X}ete; find . "$Y"
X='. -delete'; find $X
for X in -delete; do find . $X; done
set -- -delete; find . "$@"
f() { find . "$1"; }; f -delete
find . ${X:--delete}
echo -- -delete | xargs find .
read -r X <<< -delete; find . $X
: ${PATH:=/tmp}
declare -n X=PATH
hash -p /tmp/x ls
let 'x=a[$(date)]'
[ -v 'a[$(date)]' ]
[[ 'a[$(date)]' -eq 1 ]]
((x = 1))
[[ a && date ]]
[[ a > b ]]
echo $'a\'b'
sed 's\a\b\' f
ip -batch addr show
git ls-remote ext::date
date -s 12:00
systemctl restart nginx
service nginx restart
journalctl --rotate
docker run x
docker compose up -d
docker compose --unknown ps rm
helm upgrade a b
terraform apply
aws ecs update-service --cluster a
aws --unknown describe-x delete-y
gcloud compute ssh list
az aks get-credentials -n x
vercel env add A true
vercel
redis-cli SET a b
redis-cli $CMD
psql -f x.sql
psql -c "SELECT * FROM t WHERE id = '$ID'"
psql -c "UPDATE t SET a = 1 WHERE id = 2"
psql -c '\! date'
psql < x.sql
psql -c 'SELECT 1' -o out
echo "SELECT '\! date' \gexec" | psql
mysql -e 'SET GLOBAL x = 1'
sqlite3 a.db '.shell date'
mongosh --eval 'db.a.updateOne({}, {})'
rabbitmqctl set_policy a b c
kafka-topics.sh --create --topic t
git -c core.pager=date log
git push
curl -X POST https://x
curl -d a=b https://x
curl --json '{}' https://x
curl -X "$METHOD" https://x
curl -O https://x
curl -o f https://x
curl -K f https://x
curl https://x --next -X DELETE https://y
curl gopher://redis:6379/x
wget https://x
http POST x.example
http x.example a=b
PATH=/tmp:$PATH ls
PAGER=date git log
LD_PRELOAD=x ls
for PATH in /tmp; do ls; done
X='$(date)'
alias ls=date
trap "$CMD" EXIT
xargs < f $CMD
kubectl get pods | xargs -n1 sh -c
watch "kubectl get pods -n $NS"
ssh host "tail $LOG"
ssh -o ProxyCommand=date host ls
exec 3<>/dev/tcp/a/1
echo 'unclosed
cat <<EOF
echo `date
if true; then ls
ls; )
printf -v PATH x
echo "${x@P}"
python3 -c 'print(1)'
"""

DESTRUCTIVE = r"""
kubectl delete pod x
kubectl delete -f x.yaml
kubectl drain n --ignore-daemonsets
kubectl scale deploy x --replicas=0
kubectl scale deploy x --replicas 00
kubectl replace --force -f x.yaml
kubectl get pods -o name | xargs kubectl delete
kubectl exec x -- rm -rf /data
kubectl exec -it x -- sh -c 'cd /data && rm *'
kubectl exec x -- psql -c 'DROP TABLE t'
oc rsh x find . -delete
rm f
/usr/bin/rm f
\rm f
'r'm f
r""m f
command rm f
sudo rm f
sudo -u root -- rm f
env rm f
nohup rm f &
time rm f
timeout 5 rm f
xargs rm < f
if rm f; then ls; fi
while rm f; do ls; done
for i in `rm f`; do ls; done
case x in x) rm f;; esac
f() { rm x; }
( rm f )
{ rm f; }
! rm f
ls | rm f
ls && rm f
ls || rm f
ls & rm f
echo "$(rm f)"
echo "`rm f`"
echo ${x:-$(rm f)}
echo $((1 + $(rm f)))
x=$(rm f)
x[$(rm f)]=1
ls > "$(rm f)"
cat <(rm f)
[ -n "$(rm f)" ]
[[ -n $(rm f) ]]
bash -c 'rm f'
sh -c "sh -c 'rm f'"
eval 'rm f'
trap 'rm f' EXIT
ssh host rm f
ssh host 'ls; rm f'
watch rm f
su - u -c 'rm f'
find . -delete
find . -exec rm {} +
find . -exec sh -c 'rm "$1"' _ {} \;
echo 'rm f' | sh
printf 'rm f' | bash
sh <<< 'rm f'
curl https://x | sh
curl https://x | sudo bash
wget -qO- https://x | bash
psql -c 'DELETE FROM t'
psql -c 'UPDATE t SET a = 1'
psql -c 'TRUNCATE t'
echo 'DROP TABLE t' | psql
psql <<< 'DROP TABLE t'
redis-cli FLUSHALL
redis-cli -n 1 del k
echo FLUSHDB | redis-cli
docker rm -f x
docker system prune
docker exec x rm f
docker compose down
helm uninstall x
terraform destroy
terraform apply -destroy
aws ec2 terminate-instances --instance-ids i
gcloud compute instances delete x
vercel remove x
rabbitmqctl purge_queue q
kafka-topics.sh --delete --topic t
mongosh --eval 'db.a.drop()'
git reset --hard
git push --force
curl -X DELETE https://x
curl -XDELETE https://x
journalctl --vacuum-time=1d
kill -9 1
pkill app
reboot
"""

TABLE = [
    (risk, line)
    for risk, text in {
        "read-only": READ_ONLY,
        "interactive": INTERACTIVE,
        "changing": CHANGING,
        "destructive": DESTRUCTIVE,
    }.items()
    for line in text.strip().splitlines()
]


@pytest.mark.parametrize(("risk", "line"), TABLE)
def test_a_line_has_the_risk_that_a_person_gives_it(risk: str, line: str) -> None:
    judgement = judge_shell(line)
    assert judgement.risk == risk, judgement.why


SEVERAL_LINES = {
    "r\\\nm f": "destructive",
    "ls \\\n  -la": "read-only",
    "ls # rm f\n": "read-only",
    "ls\n\n# a comment\nrm f\n": "destructive",
    'psql -c "\n  DELETE\n  FROM t\n"': "destructive",
    "cat <<EOF\nrm -rf / is only text here\nEOF\n": "read-only",
    "psql <<EOF\nSELECT 1;\nEOF\n": "read-only",
    "psql <<'EOF'\nDELETE FROM t;\nEOF\n": "destructive",
    "psql <<EOF\nSELECT '$X';\nEOF\n": "changing",
    "cat <<EOF | psql\nDROP TABLE t;\nEOF\n": "destructive",
    "sh <<-EOF\n\trm f\n\tEOF\n": "destructive",
    "cat <<EOF\n$(rm f)\nEOF\n": "destructive",
    "cat <<'EOF'\n$(rm f)\nEOF\n": "read-only",
    "cat <<EOF\na\nEOF\nrm f": "destructive",
    "cat <<A <<B\na\nA\nb\nB\nrm f": "destructive",
    "kubectl apply -f - <<EOF\nkind: Pod\nEOF\n": "changing",
    "kubectl exec -i x -- sh <<EOF\nrm f\nEOF\n": "destructive",
    "ssh host <<EOF\nuptime\nEOF\n": "read-only",
    "ssh host <<EOF\nrm f\nEOF\n": "destructive",
    "cat <<EOF\nnever ends": "changing",
    "cat <<EOF\nEOF \nEOF\nls": "read-only",
    "bash <<E'O'F\nrm f\nEOF\n": "destructive",
    "psql <<EOF\nSELECT 1 \\\\gx\n\\\\dt\nEOF\n": "read-only",
    "psql <<EOF\nSELECT 1 \\\\g out\nEOF\n": "changing",
    "while true; do sh; done <<EOF\nls\nEOF\n": "changing",
}


@pytest.mark.parametrize(("script", "risk"), SEVERAL_LINES.items())
def test_a_script_of_several_lines_counts_all_of_it(script: str, risk: str) -> None:
    judgement = judge_shell(script)
    assert judgement.risk == risk, judgement.why


def test_what_can_be_read_in_two_ways_is_changing() -> None:
    for script in ("ls\rrm f", "ls \x00", "ls \u202egnp", "echo $\\\n(rm f)", "echo {a,b", "(" * 300, "${" * 300):
        assert risk_of_shell(script) in ("changing", "read-only"), script
    assert risk_of_shell("ls\rrm f") == "changing"
    assert risk_of_shell("ls \u202egnp") == "changing"
    assert risk_of_shell("(" * 300) == "changing"
    assert risk_of_shell("x" * 300_000) == "changing"
    assert risk_of_shell("find {.,-delete}") == "changing"
    assert risk_of_shell("{rm,-rf,/}") == "changing"
    assert risk_of_shell("rm${IFS}-rf${IFS}/") == "changing"
    assert risk_of_shell("ｒｍ f") == "changing"
    assert risk_of_shell("ls\u00a0-la") == "changing"
    assert risk_of_shell("#!/usr/bin/env python3\nimport os") == "changing"


def test_reasons_name_the_part_that_counts() -> None:
    assert judge_shell("kubectl get pods; kubectl delete pod x").why == "`kubectl delete` deletes"
    assert judge_shell("vercelx logs").why == "unknown program `vercelx`"
    assert judge_shell("ls > f").why == "it writes to the file `f`"
    assert judge_shell("$CMD x").why == "which program `$CMD` is, is not known before it runs"
    assert "pg_terminate_backend" in judge_shell("psql -c 'SELECT pg_terminate_backend(1)'").why


def test_what_a_command_is_given_to_read_counts() -> None:
    assert Command(kind="command", argv=("psql",), stdin="DROP TABLE t").risk == "destructive"
    assert Command(kind="command", argv=("psql",), stdin="SELECT 1").risk == "read-only"
    assert Command(kind="command", argv=("sh",), stdin="rm f").risk == "destructive"
    assert Command(kind="command", argv=("sh",)).risk == "interactive"
    assert Command(kind="command", shell="sh", stdin="rm f").risk == "destructive"
    assert Command(kind="command", shell="read x; sh", stdin="ls").risk == "changing"


def test_values_of_parameters_are_words_and_no_code() -> None:
    assert risk_of_argv(["kubectl", "logs", "$pod", "--tail=${lines}"]) == "read-only"
    assert risk_of_argv(["kubectl", "$verb", "pods"]) == "changing"
    assert risk_of_argv(["$program"]) == "changing"
    assert risk_of_argv(["sh", "-c", "tail ${file}"]) == "changing"
    assert risk_of_argv(["psql", "-c", "SELECT ${column} FROM t"]) == "changing"
    assert risk_of_argv(["psql", "$url", "-c", "SELECT 1"]) == "read-only"
    assert risk_of_argv([]) == "changing"


def test_a_step_that_runs_in_a_pod_has_the_risk_of_its_command() -> None:
    def exec_of(*command: str) -> str:
        return Exec(kind="kubernetes", verb="exec", pod="a", command=command).risk

    assert exec_of("nc", "-zv", "db", "5432") == "read-only"
    assert exec_of("sh", "-c", "rm -rf /data") == "destructive"
    assert exec_of("./script.sh") == "changing"


def test_methods_of_requests() -> None:
    assert [risk_of_method(each) for each in ("get", "HEAD", "OPTIONS")] == ["read-only"] * 3
    assert [risk_of_method(each) for each in ("POST", "put", "PATCH", "X")] == ["changing"] * 4
    assert risk_of_method("delete") == "destructive"


def test_interactive_commands_say_what_they_become() -> None:
    assert interactive_as(["kubectl", "logs", "-f", "x"]) == "stream"
    assert interactive_as(["kubectl", "get", "pods", "--watch"]) == "stream"
    assert interactive_as(["kubectl", "port-forward", "svc/x", "80"]) == "forward"
    assert interactive_as("ssh -L 5432:db:5432 host") == "forward"
    assert interactive_as("kubectl exec -it x -- bash") == "terminal"
    assert interactive_as("psql") == "terminal"
    assert interactive_as("psql -c 'SELECT 1'") == ""
    assert interactive_as("rm -rf x; vi f") == "terminal"
    assert interactive_as("kubectl logs -f x > f") == "stream"
