"""The grammar of a POSIX shell (IEEE 1003.1, 2.10) with what bash adds in everyday scripts; strict: what it does not
know is refused. Tolerant parsers, made for editors, guess where a script is odd, and here a guess would hide a command.
"""

from __future__ import annotations

import re
import unicodedata

from cockpit.runbook.risk.shell.commands import RESERVED, CommandReader
from cockpit.runbook.risk.shell.pipes import written
from cockpit.runbook.risk.shell.syntax import Script, Simple
from cockpit.runbook.risk.words import UNKNOWN, Word

_KEYWORD = re.compile(r"([a-z]+|[{}!]|\[\[)(?=[\s;&|<>()]|$)")
_FUNCTION = re.compile(r"[A-Za-z_][\w.-]*", re.A)
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_OTHER_LANGUAGE = re.compile(r"#!(?!.*\b(sh|bash|dash|ash|ksh|zsh)\b)")


def parse(text: str) -> Script:
    """All that a script can run.

    Raises:
        ShellError: the script is not understood.
    """
    script = Script()
    grammar = Grammar(text, script)
    if _OTHER_LANGUAGE.match(text):
        raise grammar.refused("it is written for something other than a shell")
    for one in text:
        if one in _BIDI or (one not in "\n\t" and unicodedata.category(one) == "Cc"):
            raise grammar.refused(f"it holds the invisible character U+{ord(one):04X}")
    grammar.whole()
    for upstream, command in script.pipes:
        command.stdin = written(upstream)
    return script


class Grammar(CommandReader):
    """Reads lists, pipelines and compound commands."""

    def nested(self, text: str) -> None:
        """What stands between backticks."""
        inner = Grammar(text, self.script, self.depth, self.fed)
        inner.deeper()
        inner.whole()

    def whole(self) -> None:
        """Everything to the end."""
        self.sequence()
        if self.at < len(self.text):
            raise self.refused(f"`{self.peek()}` is not expected here")
        if self.waiting:
            raise self.refused(f"the here-document does not end with {self.waiting[0].delimiter}")

    def sequence(self) -> None:
        """Commands one after the other, up to a word or a sign that ends what is around them."""
        self.deeper()
        while True:
            self.lines()
            if self.peek() in ("", ")") or self.peek(2) in _CASE_ENDS or self.keyword() in _CLOSING:
                break
            self._pipeline()
            while self.take("&&") or self.take("||"):
                self.lines()
                self._pipeline()
            if self.peek(2) in _CASE_ENDS:
                break
            if not (self.take(";") or self.take("&") or self.peek() in ("", "\n", ")")):
                raise self.refused(f"`{self.peek()}` is not expected here")
        self.depth -= 1

    def keyword(self) -> str:
        """The reserved word that stands here, or nothing."""
        return self.match(_KEYWORD) or ""

    def _pipeline(self) -> None:
        outer, previous = self.fed, None
        while self.keyword() in ("!", "time"):
            self.at += len(self.keyword())
            self.blanks()
            while self.take("-p"):
                self.blanks()
        while True:
            command = self._command()
            if command and previous and command.stdin is self.fed:
                self.script.pipes.append((previous, command))
            self.blanks()
            if self.peek(2) == "||" or not (self.take("|&") or self.take("|")):
                break
            self.fed, previous = Word(UNKNOWN.text, fixed=False), command
            self.lines()
        self.fed = outer

    def _command(self) -> Simple | None:
        """The command that stands here, where it is a simple one."""
        before = len(self.script.commands)
        keyword = self.keyword()
        if keyword in _COMPOUND:
            self.at += len(keyword)
            _COMPOUND[keyword](self)
        elif self.peek(2) == "((":
            raise self.refused("`((` computes in bash, and runs a command in other shells")
        elif self.take("("):
            self.sequence()
            self.expect(")")
        else:
            return self.simple()
        self._behind(before)
        return None

    def _behind(self, before: int) -> None:
        """Redirections of a compound command; what feeds it, feeds all in it."""
        redirects = self.redirects()
        if any(each.is_input for each in redirects):
            for command in self.script.commands[before:]:
                command.stdin = command.stdin or UNKNOWN
        if redirects:
            self.script.commands.append(Simple(redirects=redirects))

    def function(self, words: list[Word], more: bool) -> None:
        """The definition of a function whose name is read: `name () …`."""
        if more or len(words) != 1 or not _FUNCTION.fullmatch(words[0].shape) or words[0].shape in RESERVED:
            raise self.refused("`(` is not expected here")
        self._defined(words[0].text)

    def _defined(self, name: str) -> None:
        """The body of a function; where it is called nobody knows, nor what it then reads."""
        self.blanks()
        if self.take("("):
            self.blanks()
            self.expect(")")
        self.lines()
        if self.peek() != "(" and self.keyword() not in _COMPOUND:
            raise self.refused(f"the body of the function `{name}` is not read")
        self.script.functions.add(name)
        outer, self.fed = self.fed, UNKNOWN
        self._command()
        self.fed = outer

    def substitution(self) -> None:
        """Commands up to their `)`."""
        start, outer, self.waiting = self.at, self.waiting, []
        self.sequence()
        self.expect(")")
        if self.waiting or (outer and "\n" in self.text[start : self.at]):
            raise self.refused("a here-document and a substitution overlap")
        self.waiting = outer

    def _if(self) -> None:
        self.sequence()
        self._then("then")
        while self.keyword() == "elif":
            self._then("elif")
            self._then("then")
        if self.keyword() == "else":
            self._then("else")
        self.closing("fi")

    def _then(self, keyword: str) -> None:
        self.closing(keyword)
        self.sequence()

    def closing(self, keyword: str) -> None:
        """Goes past a reserved word.

        Raises:
            ShellError: it does not stand here.
        """
        if self.keyword() != keyword:
            raise self.refused(f"`{keyword}` is missing")
        self.at += len(keyword)

    def _loop(self) -> None:
        self.sequence()
        self._body()

    def _body(self) -> None:
        self.lines()
        self._then("do")
        self.closing("done")

    def _for(self) -> None:
        self.blanks()
        if self.take("(("):
            raise self.refused("a `for` that counts is not read")
        name = self.word()
        if not _FUNCTION.fullmatch(name.shape):
            raise self.refused("`for` has no name")
        self.script.commands.append(Simple(assigned=((name.text, Word("")),)))
        self.lines()
        if self.keyword() == "in":
            self.at += 2
            self.blanks()
            while self.peek() not in ("", ";", "\n"):
                value = self.word()
                if not value.shape:
                    raise self.refused("the values of `for` are not read")
                self.script.give(name.text, value)
                self.blanks()
        else:
            self.script.give(name.text, Word("$@", fixed=False, names=("@",)))
        self.take(";")
        self._body()

    def _case(self) -> None:
        self.blanks()
        self.word()
        self.lines()
        self.closing("in")
        self.lines()
        while self.keyword() != "esac":
            self.take("(")
            self.blanks()
            self._patterns()
            self.sequence()
            if not (self.take(";;&") or self.take(";;") or self.take(";&")) and self.keyword() != "esac":
                raise self.refused("`;;` is missing")
            self.lines()
        self.closing("esac")

    def _patterns(self) -> None:
        while True:
            if not self.word().shape:
                raise self.refused("a pattern of `case` is not read")
            self.blanks()
            if self.take(")"):
                return
            self.expect("|")
            self.blanks()

    def _group(self) -> None:
        self.sequence()
        self.closing("}")

    def _named_function(self) -> None:
        self.blanks()
        name = self.word()
        if not _FUNCTION.fullmatch(name.shape):
            raise self.refused("`function` has no name")
        self._defined(name.text)

    def _test(self) -> None:
        """`[[ … ]]`: a word of a shell that knows it; to one that does not, `&&` in it ends a command."""
        inside = 0
        while not self.match(_TEST_ENDS):
            one = self.peek()
            if self.take("\\\n"):
                continue
            if self.take("&&") or self.take("||"):
                if not self.match(_NO_COMMAND):
                    raise self.refused("the test holds what other shells run")
            elif one in (" ", "\t", "\n", "(", ")") or (one == "|" and inside):
                inside += {"(": 1, ")": -1}.get(one, 0)
                self.at += 1
            else:
                word = self.word()
                if not word.shape or "$(" in word.literal or "`" in word.literal:
                    raise self.refused("the test is not read")
        self.at += 3


_TEST_ENDS = re.compile(r"\s\]\](?=[\s;&|<>()]|$)")
_NO_COMMAND = re.compile(r"\s*(?:[-!($]|\"\$)")
_CASE_ENDS = (";;", ";&")
_CLOSING = frozenset(["then", "elif", "else", "fi", "do", "done", "esac", "}"])
_COMPOUND = {
    "if": Grammar._if,
    "while": Grammar._loop,
    "until": Grammar._loop,
    "for": Grammar._for,
    "case": Grammar._case,
    "{": Grammar._group,
    "[[": Grammar._test,
    "function": Grammar._named_function,
}
