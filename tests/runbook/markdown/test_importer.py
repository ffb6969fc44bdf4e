"""What must hold for every import: the five documents, public runbooks, and texts that nobody would write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runbook.markdown.by_hand import COMMANDS
from runbook.markdown.gates import hold

from cockpit.runbook.errors import RunbookError
from cockpit.runbook.markdown.importer import import_markdown
from cockpit.runbook.markdown.text.decode import LARGEST

PIECES = r"""
# Runbook
## Symptoms
### Scenario 2: slow
Scenario 3: Deployment Issues
**Quick Fix**:
- [ ] look
1. Check `kubectl get pods -n <namespace>`
2. If it is slow:
   kubectl logs <pod-name> --tail=5
* deep
    kubectl top pods
```bash
```
~~~
```markdown
````
$ kubectl get svc
NAME   READY
> quote
POD=$(kubectl get pods -o name | head -1)
kubectl exec -it $POD -- sh -c 'echo $HOME'
# Or
# If it fails
sleep 30 # wait
cat <<EOF | kubectl apply -f -
EOF
if [ -n "$X" ]; then
fi
for p in a b; do
done
SELECT * FROM t WHERE id = '<id>' AND n > <count>;
-- comment
curl -X POST https://your-domain.com/x -d '{"a": "<b>"}'
| Severity | Response |
|---|---|
| P1 | 15 min |
---
<details>
</details>
<pre>ls -l</pre>
		tab
psql "$DATABASE_URL" -c "SELECT 1"
echo 'open
don't
ðŸš¨ alarm
error rate should be <1%
\
`
[a]: http://x
&lt;pod&gt;
kubectl delete pod xxx
ssh <host>
systemctl restart nginx
...
kubectl get ...
"""
MANY = 16_000
"""Characters of what is never closed."""
LINES = st.lists(st.sampled_from(PIECES.splitlines()) | st.text(max_size=30), max_size=25)


@pytest.mark.parametrize("file", COMMANDS)
def test_all_gates_hold_for_the_five_documents(shared: Path, file: str) -> None:
    hold((shared / "source-documents" / file).read_bytes(), file)


def test_all_gates_hold_for_public_runbooks(shared: Path) -> None:
    folder = shared / "runbook-corpus"
    if not folder.is_dir():
        pytest.skip("no public runbooks here")
    commands = runnable = 0
    for path in sorted(folder.glob("*.md")):
        report = hold(path.read_bytes(), path.name).report
        commands, runnable = commands + report.commands, runnable + report.runnable
    assert commands > 1000
    assert runnable / commands > 0.9


@given(lines=LINES, end=st.sampled_from(("\n", "\r\n", "\r")))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_all_gates_hold_for_salads_of_markdown(lines: list[str], end: str) -> None:
    hold(end.join(lines).encode("utf-8", "surrogatepass").replace(b"\xed", b"?"), "salad.md")


@given(data=st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_imported_or_refused_in_words(data: bytes) -> None:
    try:
        hold(data, "bytes.md")
    except RunbookError as error:
        refusal = str(error)
    else:
        refusal = ""
    assert not refusal or refusal.startswith("bytes.md:1:1: ")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_document_in_another_encoding_is_the_same_runbook(shared: Path, encoding: str) -> None:
    text = (shared / "source-documents" / "order-service-playbook.md").read_text(encoding="utf-8")
    assert import_markdown(text.encode(encoding), "a.md").runbook == import_markdown(text.encode(), "a.md").runbook


def test_line_ends_and_tabs_change_nothing(shared: Path) -> None:
    text = (shared / "source-documents" / "payment-service-runbook.md").read_text(encoding="utf-8")
    plain = import_markdown(text.encode(), "a.md").runbook
    assert import_markdown(text.replace("\n", "\r\n").encode(), "a.md").runbook == plain
    assert import_markdown(text.replace("   ```", "\t```").encode(), "a.md").runbook == plain


def test_a_megabyte_is_imported_and_more_is_refused(shared: Path) -> None:
    piece = (shared / "source-documents" / "payment-service-runbook.md").read_bytes() + b"\n\n"
    steps = piece * 20
    data = steps + (b"prose, as there is much of it\n" * (LARGEST // 30))[: LARGEST - len(steps)]
    imported = import_markdown(data, "large.md")
    assert imported.report.commands >= 25 * 20
    with pytest.raises(RunbookError, match=r"large\.md:1:1: has .* more than the 1 MB"):
        import_markdown(data + b"\n", "large.md")


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "`",
        "<a ",
        "**a ",
        "| ",
        "$A",
        "> ",
        "- a\n",
        "# a\n",
        "```\n",
        "if a; then\n",
        "$(",
        "'\"",
        "a.b-",
        "<pre>",
        "<b>', '",
    ],
)
@pytest.mark.parametrize("fence", ["", "```bash\n", "```sql\nSELECT "])
def test_thousands_of_what_is_never_closed_are_imported(fence: str, piece: str) -> None:
    """What would cost the square of its length would not come back within the time of a whole suite."""
    hold((fence + piece * (MANY // len(piece))).encode(), "many.md")
