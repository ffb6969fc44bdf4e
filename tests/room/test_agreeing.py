"""The cockpit says where the public page or the pager tells something else than the record."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.incident.policies import shipped
from cockpit.incident.terms import Status
from cockpit.room.messages.agreeing import Disagreement, disagreements, impact_of, open_pages
from tests.scribe.story import Book

POLICY = shipped()["payment-service"]
PAGERS = ("pager",)


class Told(Book):
    """A book of a declared incident, to which messages are added with what became of them."""

    def __init__(self) -> None:
        super().__init__()
        self.minute = 1
        self.add(kinds.Declared(name="payment-failure", service="payment-service", policy="payment-service"), "00:00")
        self.add(kinds.Severity(severity="P1"), "00:00")

    def stands(self, status: Status) -> None:
        self.minute += 1
        self.add(kinds.StatusChange(status=status), f"{self.minute}:00")

    def sends(
        self, standing: str, *, audience: str = "customers", deed: str = "tell", channel: str = "status",
        became: str = "sent", template: str = "", before: tuple[str, ...] = (), **options: str,
    ) -> None:  # fmt: skip
        self.minute += 1
        id = f"m{self.minute}"
        fields = {"message": id, "template": template, "audience": audience, "channels": (*before, channel),
                  "title": "t", "text": "x", "standing": standing, "deed": deed, "options": options}  # fmt: skip
        self.add(kinds.Message.model_validate(fields), f"{self.minute}:00")
        if became != "queued":
            delivery = {"message": id, "channel": channel, "state": became, "reason": "502"}
            self.add(kinds.Delivery.model_validate(delivery), f"{self.minute}:10")

    @property
    def found(self) -> list[Disagreement]:
        return disagreements(self.timeline.state, POLICY, PAGERS)


def said(book: Told) -> list[str]:
    return [each.text for each in book.found]


def test_a_resolved_record_whose_page_was_not_told() -> None:
    book = Told()
    book.stands(Status.RESOLVED)
    assert book.found == [], "a page that was told nothing contradicts nothing"
    book = Told()
    book.sends("investigating")
    book.stands(Status.RESOLVED)
    assert said(book) == ["the record is resolved, the public page says investigating (02:02Z)"]
    book.sends("resolved", became="queued")
    assert book.found == [], "it is on its way"
    book.sends("resolved", became="given up")
    (found,) = book.found
    assert "says investigating (02:02Z); its resolution is " in found.text
    assert "retry" in found.mend
    book.sends("resolved")
    assert book.found == []


def test_what_only_a_later_channel_took_is_not_on_the_page() -> None:
    book = Told()
    book.sends("investigating")
    book.stands(Status.RESOLVED)
    book.sends("resolved", channel="paper", before=("status",))
    assert said(book) == [
        "the record is resolved, the public page says investigating (02:02Z); its resolution went only to paper"
    ]


def test_a_page_that_is_further_than_the_record() -> None:
    book = Told()
    book.stands(Status.MONITORING)
    book.sends("resolved")
    assert said(book) == ["the public page says resolved (02:03Z), the record is monitoring"]
    book.stands(Status.RESOLVED)
    assert book.found == []
    book.add(kinds.Reopened(why="again"), "09:00")
    assert said(book) == ["the public page says resolved (02:03Z), the record is investigating"]
    book = Told()
    book.stands(Status.MITIGATING)
    book.sends("identified")
    assert book.found == [], "mitigating is identified on a page"
    book.stands(Status.MONITORING)
    assert book.found == [], "a page that is behind is a matter of its clock"


def test_records_of_before_are_read_by_their_templates() -> None:
    book = Told()
    book.sends("", template="status-page-resolution")
    assert said(book) == ["the public page says resolved (02:02Z), the record is investigating"]
    book = Told()
    book.sends("", template="our-own-words")
    book.stands(Status.RESOLVED)
    assert book.found == [], "what does not say where it stands contradicts nothing"


def test_other_audiences_and_false_alarms() -> None:
    book = Told()
    book.sends("resolved", audience="internal")
    assert book.found == []
    book.sends("investigating")
    book.add(kinds.Closed(false_alarm="a broken probe"), "08:00")
    assert said(book) == ["the record is closed, the public page says investigating (02:03Z)"]
    book.add(kinds.Merge(direction="into", other="x"), "09:00")
    assert book.found == [], "a duplicate goes on elsewhere"


def test_the_page_calls_it_milder() -> None:
    assert [impact_of(level, POLICY) for level in ("P0", "P1", "P2", "P9", None)] == [
        "critical", "major", "minor", "", "",
    ]  # fmt: skip
    book = Told()
    book.sends("investigating", impact="minor")
    assert said(book) == ["the public page calls the impact minor, the record is P1 (major)"]
    book.sends("identified", impact="major")
    assert not [text for text in said(book) if "impact" in text]


def test_a_page_that_still_rings_after_the_resolution() -> None:
    book = Told()
    book.sends("", audience="page:database-team", deed="page", channel="pager")
    book.sends("", audience="page:network-team", deed="page", channel="chat")
    assert book.found == [], "it is open and so is the incident"
    book.stands(Status.RESOLVED)
    assert said(book) == ["the record is resolved, database-team is still paged by pager"]
    book.sends("", audience="page:database-team", deed="resolve", channel="pager", became="given up")
    assert said(book) == ["the record is resolved, database-team is still paged by pager (resolving it: given up)"]
    book.sends("", audience="page:platform-team", deed="resolve", channel="pager", target="platform-team")
    assert len(book.found) == 1, "that was another one"
    book.sends("", deed="resolve", channel="pager", target="")
    assert book.found == []
    assert open_pages(book.timeline.state, PAGERS) == []


MOVES = st.lists(
    st.one_of(
        st.sampled_from([each for each in Status if each is not Status.WATCHING]).map(lambda to: ("status", to)),
        st.tuples(
            st.sampled_from(["investigating", "identified", "monitoring", "resolved", ""]),
            st.sampled_from(["sent", "queued", "failed", "given up", "unknown", "sending"]),
        ),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(moves=MOVES)
def test_when_the_page_was_told_what_the_record_says_they_agree(moves: list[tuple[str, str]]) -> None:
    """Whatever came before, one delivered message that says the present status ends every disagreement."""
    book = Told()
    for first, second in moves:
        if first == "status":
            book.stands(Status(second))
        else:
            book.sends(first, became=second)
    for each in book.found:
        assert "\n" not in each.text
        assert each.mend
    book.sends(book.timeline.state.status.value)
    assert book.found == []
