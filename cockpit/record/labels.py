"""Labels of incidents: those of this journal, those that the shared record gave, and those that were used before."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping

_LABEL = re.compile(r"INC-[0-9]{4}-(L?)([0-9]+)")


def give_label(connection: sqlite3.Connection, incident: str, year: int, *, provisional: bool = False) -> None:
    """Give an incident the year's next label if it has none, inside the caller's transaction.

    Args:
        provisional: a shared record will give the label; until then it reads INC-2026-L01.
    """
    mark, digits = ("L", 2) if provisional else ("", 3)
    query = "SELECT label FROM labels WHERE label LIKE ? UNION SELECT label FROM former_labels WHERE label LIKE ?"
    like = f"INC-{year}-%"
    read = (_LABEL.fullmatch(label) for (label,) in connection.execute(query, (like, like)))
    number = max((int(each[2]) for each in read if each and each[1] == mark), default=0) + 1
    label = f"INC-{year}-{mark}{number:0{digits}}"
    connection.execute("INSERT OR IGNORE INTO labels VALUES (?, ?)", (incident, label))


def take_labels(connection: sqlite3.Connection, given: Mapping[str, str]) -> int:
    """Take the labels that the shared record gave, inside the caller's transaction; gives how many were news.

    A label that an incident had here until now goes on leading to it; one that another incident had here is that
    one's former label from now on.
    """
    known = dict(connection.execute("SELECT incident, label FROM labels"))
    news = {incident: label for incident, label in given.items() if known.get(incident) != label}
    holders = {label: incident for incident, label in known.items()}
    for incident, label in news.items():
        for renamed in {incident, holders.get(label, incident)}:
            former = connection.execute("DELETE FROM labels WHERE incident = ? RETURNING label", (renamed,)).fetchall()
            kept = [(each, renamed) for (each,) in former]
            connection.executemany("INSERT OR REPLACE INTO former_labels VALUES (?, ?)", kept)
            if renamed != incident:
                give_label(connection, renamed, int(label.split("-")[1]), provisional=True)
        connection.execute("INSERT INTO labels VALUES (?, ?)", (incident, label))
        connection.execute("DELETE FROM former_labels WHERE label = ? AND incident = ?", (label, incident))
    return len(news)
