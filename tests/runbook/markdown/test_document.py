"""A document's blocks: their lines, what stands above them, and what is put right."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.runbook.errors import RunbookError
from cockpit.runbook.markdown.text.decode import LARGEST, decoded, repaired
from cockpit.runbook.markdown.text.document import Block, read_document


def blocks(text: str) -> list[Block]:
    return list(read_document(text.encode(), "a.md").blocks)


def kinds(text: str) -> list[tuple[str, int, str]]:
    return [(block.kind, block.line, block.text) for block in blocks(text)]


def test_every_kind_of_block_has_its_lines() -> None:
    text = "# A\n\nwords\n\n- one\n- [x] two\n\n1. three\n   ```sh\n   ls\n   ```\n\n"
    text += "| a |\n|---|\n| b |\n\n> q\n\n---\n<div>x</div>\n"
    assert [(block.kind, block.line, block.end) for block in blocks(text)] == [
        ("heading", 1, 1),
        ("paragraph", 3, 3),
        ("list-item", 5, 5),
        ("task", 6, 6),
        ("list-item", 8, 8),
        ("fence", 9, 11),
        ("table", 13, 15),
        ("quote", 17, 17),
        ("rule", 19, 19),
        ("html", 20, 20),
    ]


def test_a_block_knows_headings_label_number_depth_and_box() -> None:
    found = blocks("# A\n## B\n**Quick Fix**:\n1. one\n   - [x] two\n## C\nlast\n")
    one, two, last = found[3], found[4], found[6]
    assert (one.headings, one.label, one.ordinal, one.depth) == (("A", "B"), "Quick Fix", 1, 1)
    assert (two.kind, two.checked, two.depth) == ("task", True, 2)
    assert (last.headings, last.label) == (("A", "C"), "")


def test_a_table_has_rows_with_their_lines() -> None:
    table = blocks("x\n\n| a | b |\n|---|---|\n| 1 | `c` |\n| 2 | 3 |\n")[1]
    assert table.rows == (("a", "b"), ("1", "`c`"), ("2", "3"))
    assert table.row_lines == (3, 5, 6)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_are_recognised(encoding: str) -> None:
    assert decoded("# Größe ✓\n\n- a\n".encode(encoding), "a.md") == "# Größe ✓\n\n- a\n"


def test_what_is_no_utf_8_is_read_as_a_western_page() -> None:
    assert decoded("naïve “quotes” – €".encode("cp1252"), "a.md") == "naïve “quotes” – €"


def shown(byte: int) -> str:
    """What a program shows for a byte that it takes for cp1252, which leaves five open."""
    return chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252")


@pytest.mark.parametrize("text", ["🚨 alarm", "🔄", "it’s — “so”", "naïve café", "→ next"])
def test_what_was_read_as_cp1252_is_read_right(text: str) -> None:
    wrong = "".join(shown(byte) for byte in text.encode())
    assert wrong != text
    assert repaired(wrong) == text


@pytest.mark.parametrize("text", ["Ärger, Ünfug, Straße", "Ã is a letter", "ð", "¿Qué?", "日本語", "ÀÉÎÕÜ «Å»"])
def test_honest_text_stays(text: str) -> None:
    assert repaired(text) == text


@given(st.text())
@settings(max_examples=200)
def test_repairing_twice_is_repairing_once_or_less(text: str) -> None:
    """It ends: each pass makes the text shorter or leaves it."""
    once = repaired(text)
    assert len(once) <= len(text)
    assert once == text or len(once) < len(text)


def test_controls_are_taken_out_and_tabs_stay() -> None:
    assert decoded(b"a\x1b[31mb\tc\x07\r\nd\re", "a.md") == "ab\tc\nd\ne"


def test_what_is_too_large_or_no_text_is_refused_in_words() -> None:
    with pytest.raises(RunbookError, match="more than the 1 MB"):
        decoded(b"a" * (LARGEST + 1), "a.md")
    with pytest.raises(RunbookError, match=r"a\.md:1:1: is no text"):
        decoded(b"\x89PNG\xff\x00\xfe\x00\x01\x00\xff" * 30, "a.md")


def test_a_fence_that_never_closes_is_read_again_with_its_lines() -> None:
    found = kinds("# A\n\n```markdown\n# Checklist\n- [ ] one\n\nBot Commands\n\n/incident resolve\n")
    assert found[1][:2] == ("fence", 3)
    assert found[2:] == [
        ("heading", 4, "Checklist"),
        ("task", 5, "one"),
        ("heading", 7, "Bot Commands"),
        ("paragraph", 9, "/incident resolve"),
    ]


def test_headings_in_a_fence_stand_under_those_around_it() -> None:
    found = blocks("# A\n\n```md\n# B\nx\n```\n\n## C\n")
    b, x, c = found[2], found[3], found[4]
    assert (b.level, b.headings, b.fence) == (2, ("A",), 3)
    assert x.headings == ("A", "B")
    assert (c.level, c.headings) == (2, ("A",))


def test_a_shell_that_never_closes_is_code_up_to_the_prose() -> None:
    found = kinds("```bash\nkubectl get pods\n\n## Next\n- [ ] look\n")
    assert found == [
        ("fence", 1, "kubectl get pods\n"),
        ("heading", 4, "Next"),
        ("task", 5, "look"),
    ]


def test_a_fence_in_an_item_ends_where_its_author_ended_it() -> None:
    """Its end stands further left than the item: Markdown alone would read everything below inside out."""
    found = kinds("1. Check\n   ```bash\nkubectl get pods\n```\n2. Then\n")
    assert found == [("list-item", 1, "Check"), ("fence", 2, "kubectl get pods"), ("list-item", 5, "Then")]


def test_plain_lines_that_are_commands_are_code() -> None:
    found = kinds("  2. If it is down:\n    kubectl set env deployment/a -n b X=y\n    \n  3. Tell them\n")
    assert found == [
        ("list-item", 1, "If it is down:"),
        ("code", 2, "kubectl set env deployment/a -n b X=y"),
        ("list-item", 4, "Tell them"),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "kubectl is the tool of choice.",
        "docker containers are restarted by hand",
        "curl returns 200 when all is well",
        "find the owner",
        "Make sure the pods run",
        "git history should tell you more",
        "echo and cd",
        "head of engineering",
    ],
)
def test_sentences_that_begin_like_commands_stay_sentences(sentence: str) -> None:
    assert kinds(sentence) == [("paragraph", 1, sentence)]


def test_bullets_and_numbers_that_markdown_does_not_know_are_items() -> None:
    found = blocks("  • First: A\n  • Second: B\n\n1️⃣ **call**\n2️⃣ tell\n\n☐ look\n")
    assert [(block.kind, block.ordinal, block.text) for block in found] == [
        ("list-item", None, "First: A"),
        ("list-item", None, "Second: B"),
        ("list-item", 1, "**call**"),
        ("list-item", 2, "tell"),
        ("task", None, "look"),
    ]


def test_labels_on_lines_of_one_paragraph_are_blocks_of_their_own() -> None:
    assert kinds("**Symptoms**: slow\n**Quick Fix**:\n1. go\n") == [
        ("paragraph", 1, "**Symptoms**: slow"),
        ("paragraph", 2, "**Quick Fix**:"),
        ("list-item", 3, "go"),
    ]


def test_front_matter_and_code_in_html_are_code() -> None:
    assert [(block.kind, block.info) for block in blocks("---\nowner: me\n---\n\nwords\n")] == [
        ("code", "front-matter"),
        ("paragraph", ""),
    ]
    found = blocks("<div>\n<pre>kubectl get pods &gt; x</pre>\n</div>\n")
    assert [(block.kind, block.line, block.text) for block in found if block.kind == "code"] == [
        ("code", 2, "kubectl get pods > x")
    ]


def test_deep_nesting_loses_no_line() -> None:
    text = "\n".join("  " * depth + f"- level {depth}" for depth in range(120)) + "\n" + ">" * 90 + " deep\n"
    covered = {line for block in blocks(text) for line in range(block.line, block.end + 1)}
    assert covered >= set(range(1, 122))


def test_the_components_of_mdx_hide_nothing() -> None:
    """The tags go, their titles stay as words, and what stood in them is Markdown at the margin."""
    text = '# A\n<Steps>\n  <Step title="One">\n    ```bash\n    run \\\n      -x\n\n    <Step>\n    ```\n'
    text += "    - [ ] do it\n  </Step>\n</Steps>\n\nwords\n"
    assert kinds(text) == [
        ("heading", 1, "A"),
        ("html", 2, ""),
        ("paragraph", 3, "**One**"),
        ("fence", 4, "run \\\n  -x\n\n<Step>"),
        ("task", 10, "do it"),
        ("html", 11, ""),
        ("html", 12, ""),
        ("paragraph", 14, "words"),
    ]


def test_a_placeholder_on_a_line_of_its_own_is_no_component() -> None:
    assert kinds("# A\n\n    deploy\n      <NAME>\n") == [("heading", 1, "A"), ("code", 3, "deploy\n  <NAME>")]
