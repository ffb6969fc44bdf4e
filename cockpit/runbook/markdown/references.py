"""Where a document sends its readers: dashboards, and related runbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from cockpit.runbook.markdown.findings import Given, Notes
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.inline import Link, bold_lead, links, plain
from cockpit.runbook.markdown.thresholds.metrics import slug
from cockpit.runbook.model import Dashboard, Related, Source

_DASHBOARDS = re.compile(r"(?i)\bdashboards?\b|\bmonitoring links\b")
_RELATED = re.compile(
    r"(?i)\b(?:related|see also|references?|further reading|more information|other runbooks|resources|links)\b"
)
_TOOLS = {
    "grafana": "Grafana", "datadog": "Datadog", "sentry": "Sentry", "kibana": "Kibana", "newrelic": "New Relic",
    "new relic": "New Relic", "splunk": "Splunk", "prometheus": "Prometheus", "jaeger": "Jaeger",
    "pagerduty": "PagerDuty",
    "cloudwatch": "CloudWatch", "honeycomb": "Honeycomb", "kubernetes dashboard": "Kubernetes Dashboard",
    "alertmanager": "Alertmanager", "looker": "Looker", "dynatrace": "Dynatrace", "zipkin": "Zipkin", "tempo": "Tempo",
}  # fmt: skip
_URL = re.compile(r"https?://[^\s<>()`|\"']+")
_PAGE = re.compile(r"(?i)^(?!https?:|mailto:|#|tel:)[^#?]*\.(?:md|markdown|mdx|rst|adoc|html?)(?:[#?].*)?$")


def read_dashboards(document: Document, notes: Notes) -> tuple[Dashboard, ...]:
    """The dashboards: what is listed under such a heading, and every link that leads to a known tool's."""
    found: list[Dashboard] = []
    ids = Given()
    seen: set[tuple[str, str]] = set()
    for block in document.blocks:
        for line, title, tool, url in _dashboards_of(block):
            if (url, title) in seen:
                continue
            seen.add((url, title))
            id = slug(tool) if tool and slug(tool) not in ids.taken else slug(title) or "dashboard"
            id = ids.new(id)
            source = Source(file=document.file, line=line)
            found.append(Dashboard(id=id, title=title[:200], tool=tool, url=url[:1000], source=source))
            notes.became(block, f"dashboard {id}")
    return tuple(found)


def _dashboards_of(block: Block) -> Iterator[tuple[int, str, str, str]]:
    """Line, title, tool and address of each dashboard of a block."""
    if block.kind not in ("list-item", "paragraph", "table", "task") or block.reread:
        return
    listed = bool(_DASHBOARDS.search(block.label or (block.headings[-1] if block.headings else "")))
    if block.kind == "table":
        yield from _of_table(block, listed)
        return
    known = [link for link in links(block.text) if link.href.startswith("http") and (listed or _tool(link))]
    for link in known:
        yield block.line, link.text or link.href, _tool(link), link.href
    if listed and block.kind == "list-item" and block.ordinal is None and not known:
        yield from _of_item(block)


def _of_item(block: Block) -> Iterator[tuple[int, str, str, str]]:
    lead = bold_lead(block.text)
    words = plain(block.text)
    url = _URL.search(words)
    name, rest = (lead[0], plain(lead[1])) if lead else (words.partition(":")[0], words.partition(":")[2])
    rest = _URL.sub("", rest).strip(" -–—:()")
    tool = _named_tool(name)
    if re.match(r"(?i)(?:check|open|look|review|verify|see)\b", words) and not url:
        return  # something to do, not a place
    if tool:
        yield block.line, rest or name.strip(), tool, url[0] if url else ""
    elif url or lead:
        yield block.line, name.strip() or words, _named_tool(words), url[0] if url else ""


def _of_table(block: Block, listed: bool) -> Iterator[tuple[int, str, str, str]]:
    for row, line in zip(block.rows[1:], block.row_lines[1:], strict=False):
        text = " ".join(row)
        url = next((link.href for link in links(text)), "") or (found[0] if (found := _URL.search(text)) else "")
        if url.startswith("http") and (listed or _named_tool(url)):
            yield line, plain(row[0]) or url, _named_tool(text), url


def _tool(link: Link) -> str:
    host = urlsplit(link.href).netloc
    if re.search(r"github\.com|gitlab\.com|readthedocs|^docs\.", host):
        return ""  # where a tool's own documents are, not its pictures
    return _named_tool(link.href) or (_named_tool(link.text) if "dashboard" in link.text.lower() else "")


def _named_tool(text: str) -> str:
    small = text.lower()
    return next((tool for word, tool in sorted(_TOOLS.items(), key=lambda each: -len(each[0])) if word in small), "")


def read_related(document: Document, notes: Notes) -> tuple[Related, ...]:
    """The other documents that are linked, wherever, and all links under a heading such as `Related runbooks`."""
    found: list[Related] = []
    seen: set[str] = set()
    for block in document.blocks:
        if block.kind in ("fence", "code", "heading") or block.reread:
            continue
        listed = any(_RELATED.search(each) for each in (block.label, *block.headings[-1:]))
        for link, line in _links(block):
            wanted = _PAGE.match(link.href) or (listed and link.href.startswith("http") and not _tool(link))
            if wanted and link.href not in seen:
                seen.add(link.href)
                source = Source(file=document.file, line=line)
                found.append(Related(title=(link.text or link.href)[:200], href=link.href[:1000], source=source))
                notes.became(block, f"related: {link.href}")
    return tuple(found)


def _links(block: Block) -> Iterator[tuple[Link, int]]:
    """Each link with its line; of a table row by row."""
    rows = list(zip(block.rows, block.row_lines, strict=False)) if block.kind == "table" else []
    texts = [(" ".join(row), line) for row, line in rows]
    for text, line in texts or [(text, block.line + number) for number, text in enumerate(block.text.split("\n"))]:
        for link in links(text):
            yield link, line
