"""The blocks of one part as steps: fences, inline commands, tables of commands, and list items for a person."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cockpit.runbook.markdown.commands.fences import FenceRead, read_fence
from cockpit.runbook.markdown.commands.recognise import is_command
from cockpit.runbook.markdown.commands.snippets import Snippet
from cockpit.runbook.markdown.steps.drafts import Drafts
from cockpit.runbook.markdown.steps.remarks import conditioned, is_expected
from cockpit.runbook.markdown.steps.titles import briefly
from cockpit.runbook.markdown.text.blocks import Block
from cockpit.runbook.markdown.text.inline import codes, plain
from cockpit.runbook.markdown.text.outline import Part, titled
from cockpit.runbook.model import Step, StepKind

_PROSE = ("list-item", "task", "paragraph", "quote")
_CODE = ("fence", "code")


@dataclass(frozen=True, slots=True)
class Stepping:
    """Makes steps of blocks.

    Attributes:
        claimed: lines of blocks that became something else.
    """

    drafts: Drafts
    claimed: Collection[int]

    def has_command(self, block: Block) -> bool:
        """Whether a command stands in the block."""
        if block.kind in _CODE:
            return not block.reread and bool(self.fence(block).snippets)
        return bool(_inline(block))

    def fence(self, block: Block) -> FenceRead:
        """What a fence holds; each is read once."""
        if block.line not in self.drafts.fences:
            self.drafts.fences[block.line] = read_fence(block)
        return self.drafts.fences[block.line]

    def steps(self, part: Part, place: str, kind: StepKind, *, instruct: bool, titled: str = "") -> list[Step]:
        """The steps of a part in their order. `instruct` makes a step for a person of each item without
        a command."""
        found: list[Step] = []
        blocks = list(part.all())
        for number, block in enumerate(blocks):
            if found and block.kind in _CODE and self._is_sample(blocks, number):
                found[-1] = _expecting(found[-1], block.text.strip())
                self.drafts.notes.became(block, f"what is expected of step {found[-1].id}")
            elif block.kind in _CODE:
                made = self._code(block, place, kind, _introduced(blocks, number) or titled)
                if made and _introduced(blocks, number):
                    self.drafts.notes.became(blocks[number - 1], f"title of step {made[0].id}")
                found += made
            elif snippets := _inline(block):
                found += self.drafts.commands(block, snippets, place, kind, "")
            elif found and block.kind in _PROSE and is_expected(plain(block.text)):
                found[-1] = _expecting(found[-1], " ".join(plain(block.text).split()))
                self.drafts.notes.became(block, f"what is expected of step {found[-1].id}")
            elif instruct and self._instructs(blocks, number):
                found.append(self.drafts.instruction(block, place, kind, _under(blocks, number, self)))
        return found

    def _code(self, block: Block, place: str, kind: StepKind, intro: str) -> list[Step]:
        read = self.fence(block)
        condition, words = conditioned(intro)
        found = self.drafts.commands(block, read.snippets, place, kind, words)
        for start, end, why in read.left:
            where = f"line {start}" if start == end else f"lines {start}–{end}"
            self.drafts.notes.became(block, f"text: {why}, {where}")
        return [
            step if step.condition or not condition else step.model_copy(update={"condition": condition})
            for step in found
        ]

    def _is_sample(self, blocks: Sequence[Block], number: int) -> bool:
        """Whether a fence shows what should be seen: it holds no command, and the words above announce it."""
        above = blocks[number - 1] if number else None
        announced = above is not None and above.kind in _PROSE and is_expected(plain(above.text))
        return announced and not self.has_command(blocks[number])

    def _instructs(self, blocks: Sequence[Block], number: int) -> bool:
        """Whether a block is an item for a person: no command follows it, and it became nothing else."""
        block = blocks[number]
        if (
            block.kind not in ("list-item", "task")
            or block.depth > 1
            or block.line in self.claimed
            or not plain(block.text)
        ):
            return False
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        introduces = following is not None and following.kind in _CODE and self.has_command(following)
        return bool(plain(block.text)) and not introduces


def _introduced(blocks: Sequence[Block], number: int) -> str:
    """What introduces a fence: the list item or the short paragraph directly above it."""
    if number == 0:
        return ""
    above = blocks[number - 1]
    if above.kind in _CODE and above.depth and number > 1:
        return ""
    if above.kind in ("list-item", "task"):
        return briefly(titled(above.text), 120).rstrip(":")
    words = " ".join(plain(above.text).split())
    return titled(above.text) if above.kind == "paragraph" and len(words) <= 100 and not _inline(above) else ""


def _under(blocks: Sequence[Block], number: int, stepping: Stepping) -> list[Block]:
    """The items under an item that say more about it."""
    found: list[Block] = []
    for block in blocks[number + 1 :]:
        if (
            block.kind not in ("list-item", "task")
            or block.depth <= blocks[number].depth
            or stepping.has_command(block)
        ):
            break
        found.append(block)
    return [block for block in found if block.line not in stepping.claimed]


def _expecting(step: Step, words: str) -> Step:
    return step.model_copy(update={"expected": f"{step.expected} {words}".strip()[:2000]})


def _inline(block: Block) -> list[Snippet]:
    """The commands that stand in a line of prose or in the cells of a table, each with a title."""
    if block.kind == "table":
        return [
            each for row, line in zip(block.rows[1:], block.row_lines[1:], strict=True) for each in _in_row(row, line)
        ]
    if block.kind not in _PROSE:
        return []
    found = [_unprompted(code) for code in codes(block.text) if is_command(code) and len(code.split()) > 1]
    if not found and block.kind != "quote" and "\n" not in block.text and is_command(plain(block.text)):
        return [Snippet(_unprompted(plain(block.text)), block.line, block.end)]
    return [_snippet(block, command, number, len(found)) for number, command in enumerate(found)]


def _unprompted(code: str) -> str:
    """A command without the prompt in front of it: `$` before a space."""
    return re.sub(r"^\$ +(?=\S)", "", code.strip())


def _snippet(block: Block, command: str, number: int, count: int) -> Snippet:
    line = block.line + next(
        (at for at, text in enumerate(block.lines) if command.split()[0] in text and command[:20] in text), 0
    )
    words = " ".join(plain(block.text).split())
    before = words.partition(" ".join(command.split()))[0].strip(" :–-→(`")
    before = re.sub(r"(?i)^(?:run|execute|use|with|via|using|by running|type)$", "", before)
    condition, title = conditioned(titled(before) if len(before) > 3 else briefly(words, 120))
    group = (count, number) if count > 1 else (1, 0)
    return Snippet(command, line, block.end, title=briefly(title, 120), condition=condition, group=group)


def _in_row(row: Sequence[str], line: int) -> list[Snippet]:
    found = [_unprompted(code) for cell in row for code in codes(cell.replace("\\|", "|")) if is_command(code)]
    title = next((plain(cell) for cell in row if plain(cell) and not any(code in found for code in codes(cell))), "")
    return [
        Snippet(code, line, line, title=briefly(title, 120), group=(len(found), number))
        for number, code in enumerate(found)
    ]
