"""Words that decide what is a placeholder: those of shells, HTML, programming languages, logs, and forms."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


SHELL_KNOWS = words(
    "HOME USER LOGNAME PWD OLDPWD PATH SHELL HOSTNAME RANDOM SECONDS LINENO TMPDIR TERM LANG EDITOR UID EUID PPID IFS "
    "BASH BASH_SOURCE BASH_VERSION FUNCNAME OSTYPE PIPESTATUS OPTARG OPTIND REPLY KUBECONFIG "
    "NF NR FS OFS RS ORS FNR FILENAME SUBSEP RSTART RLENGTH"
)
"""Variables that a shell or awk sets by itself."""

TAGS = words(
    "a abbr b blockquote br center cite code col dd del details dfn div dl dt em figure font footer h1 h2 h3 h4 h5 h6 "
    "head header hr html i iframe img ins kbd li main mark nav ol p pre q s samp script section small span strike "
    "strong style sub summary sup tbody td tfoot th thead tr tt u ul var video svg path body form button"
)
TAGS_OR_NOT = words("table title time object source label data address input output command area map link")
TYPES = words("string number boolean any void int float double object unknown never str bool char t k v")
LEVELS = words(
    "info warn warning error err debug fatal trace critical notice ok fail failed pass passed note tip important "
    "caution x yes no y n done skip unit install global defaults"
)
BLANKS = words(
    "name date time issue impact description reason summary details user url link email phone team version region host "
    "port status component customer severity incident duration eta cause timestamp id value number"
)
"""Single small words that are a blank when they stand in square brackets."""
