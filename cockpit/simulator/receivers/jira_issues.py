"""Jira's issues: what is checked of their fields, the part of JQL that the receiver reads, and rich text as words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cockpit.simulator.receivers.receiver import written

LONGEST_SUMMARY, LONGEST_TEXT = 255, 32_767
STEPS = (("11", "To Do", "To Do"), ("21", "In Progress", "In Progress"), ("31", "Done", "Done"))
"""The steps of the workflow: id, name, and the status that each leads to."""
_KNOWN = {
    "project", "issuetype", "summary", "description", "labels", "duedate", "priority", "assignee", "reporter", "parent",
}  # fmt: skip
_CLAUSE = re.compile(r"""\s*(\w+)\s*(=|in)\s*(?:"([^"]*)"|'([^']*)'|\(([^)]*)\)|([\w-]+))\s*""", re.IGNORECASE)


@dataclass(slots=True)
class Issue:
    """An issue; a comment is its id, when it was made, and its body; a link its kind and the other's key."""

    id: str
    key: str
    created: datetime
    fields: dict[str, Any]
    status: str = "To Do"
    comments: list[tuple[str, str, Any]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """Its labels."""
        return list(self.fields.get("labels") or [])

    def address(self, url: str) -> str:
        """Where the API has it."""
        return f"{url}/rest/api/2/issue/{self.id}"

    def named(self, url: str) -> dict[str, Any]:
        """What a search gives that asks for no fields."""
        return {"id": self.id, "key": self.key, "self": self.address(url)}

    def described(self, url: str, *, with_comments: bool = False) -> dict[str, Any]:
        """As the API has it."""
        links = [{"type": {"name": kind}, "outwardIssue": {"key": other}} for kind, other in self.links]
        fields = {**self.fields, "status": {"name": self.status}, "created": written(self.created), "issuelinks": links}
        if with_comments:
            fields["comment"] = {"comments": self.described_comments()}
        return {**self.named(url), "fields": fields}

    def described_comments(self) -> list[dict[str, Any]]:
        """Its comments, the oldest first."""
        return [{"id": id, "created": at, "updated": at, "body": body} for id, at, body in self.comments]


def wrong_fields(fields: dict[str, Any], project: str, types: Sequence[str], *, rich: bool) -> dict[str, str]:
    """What is wrong with the fields of a new issue, by field; `rich` where texts are documents (v3)."""
    found = {
        name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        for name in fields
        if name not in _KNOWN and not name.startswith("customfield_")
    }
    if (fields.get("project") or {}).get("key") != project:
        found["project"] = "valid project is required"
    if (fields.get("issuetype") or {}).get("name") not in types:
        found["issuetype"] = "Specify a valid issue type"
    summary = fields.get("summary")
    if not isinstance(summary, str) or not summary.strip():
        found["summary"] = "You must specify a summary of the issue."
    elif "\n" in summary:
        found["summary"] = "The summary is invalid because it contains newline characters."
    elif len(summary) > LONGEST_SUMMARY:
        found["summary"] = f"Summary can't exceed {LONGEST_SUMMARY} characters."
    labels = fields.get("labels") or []
    if any(re.search(r"\s", str(label)) for label in labels):
        found["labels"] = "The label contains spaces which is invalid."
    elif any(len(str(label)) > LONGEST_SUMMARY for label in labels):
        found["labels"] = f"A label exceeds {LONGEST_SUMMARY} characters."
    due = fields.get("duedate")
    if due is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(due)):
        found["duedate"] = "Error parsing date string: it must be of the format yyyy-MM-dd."
    if fields.get("description") is not None and (wrong := problem(fields["description"], "Description", rich=rich)):
        found["description"] = wrong
    return found


def problem(text: Any, what: str, *, rich: bool) -> str:
    """What is wrong with a text: v3 wants the Atlassian Document Format, v2 plain text; empty where nothing is."""
    if rich:
        document = isinstance(text, dict) and text.get("type") == "doc" and text.get("version") == 1
        return (
            ""
            if document and isinstance(text.get("content"), list)
            else "Operation value must be an Atlassian Document"
        )
    if not isinstance(text, str):
        return "Operation value must be a string"
    if not text.strip():
        return f"{what} can not be empty!"
    return (
        f"The entered text is too long. It exceeds the allowed limit of {LONGEST_TEXT:,} characters."
        if len(text) > LONGEST_TEXT
        else ""
    )


def text_of(body: Any) -> str:
    """A text's words: as it stands, or those of an Atlassian document, a paragraph a line."""
    if not isinstance(body, dict):
        return str(body or "")
    if body.get("type") == "text":
        return str(body.get("text", ""))
    joint = "\n" if body.get("type") in ("doc", "bulletList", "orderedList") else ""
    return joint.join(text_of(each) for each in body.get("content", []))


def matching(jql: str, issue: Issue, project: str) -> bool:
    """Whether `issue` fits a query of `labels`, `project`, `key` and `status` clauses joined by AND; raises ValueError
    where the query is none."""
    clauses = re.split(r"\s+ORDER\s+BY\s+", jql, flags=re.IGNORECASE)[0]
    if not clauses.strip():
        raise ValueError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    fits = True
    for clause in re.split(r"\s+AND\s+", clauses, flags=re.IGNORECASE):
        found = _CLAUSE.fullmatch(clause)
        if not found:
            raise ValueError(f"Error in the JQL Query: Expecting operator but got '{clause.strip()}'.")
        values = [next((each for each in found.groups()[2:] if each is not None), "")]
        if found[5] is not None:
            values = [each.strip().strip("\"'") for each in found[5].split(",")]
        held = {
            "labels": issue.labels, "project": [project], "key": [issue.key], "status": [issue.status],
        }.get(found[1].lower())  # fmt: skip
        if held is None:
            raise ValueError(f"Field '{found[1]}' does not exist or you do not have permission to view it.")
        fits = fits and any(value in held for value in values)
    return fits
