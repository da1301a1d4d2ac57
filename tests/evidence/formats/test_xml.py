"""XML records as the dict that other exports of the same events have."""

from tests.evidence.formats.build import read, values

EVENT = b"""<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
  <Provider Name="Microsoft-Windows-Security-Auditing"/><EventID Qualifiers="0">4732</EventID>
  <TimeCreated SystemTime="2026-03-01T10:00:00Z"/></System>
  <EventData><Data Name="MemberSid">S-1-5-21-1</Data><Data Name="MemberName">-</Data><Data Name="Empty"/></EventData></Event>"""

WANT = {
    "Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}},
            "EventID": {"#attributes": {"Qualifiers": "0"}, "#text": "4732"},
            "TimeCreated": {"#attributes": {"SystemTime": "2026-03-01T10:00:00Z"}},
        },
        "EventData": {"MemberSid": "S-1-5-21-1", "MemberName": "-", "Empty": None},
    }
}


def test_events_are_found_alone_one_after_another_and_in_a_root() -> None:
    for data in (
        EVENT,
        EVENT * 3,
        b"<?xml version='1.0'?>\n<Events>" + EVENT + b"\n\n" + EVENT + b"</Events>",
    ):
        assert values("xml", data) == [WANT] * data.count(b"</Event>")


def test_prefixes_of_a_root_do_not_matter() -> None:
    event = EVENT.replace(b"<", b"<e:").replace(b"<e:/", b"</e:").replace(b" xmlns=", b" xmlns:e=")
    assert values("xml", b"<r xmlns:e='x'>" + event + b"</r>") == [WANT]


def test_a_broken_event_costs_only_itself() -> None:
    found = read("xml", EVENT + EVENT.replace(b"</System>", b"") + EVENT + EVENT[:-20])
    assert [piece.problem is None for piece in found] == [True, False, True, False]
    assert "no XML" in (found[1].problem or "")
    assert "cut off" in (found[3].problem or "")


def test_an_event_that_lost_its_end_leaves_the_next_one_whole() -> None:
    found = read("xml", EVENT[: -len(b"</Event>")] + b"\n" + EVENT)
    assert [piece.problem is None for piece in found] == [False, True]


def test_entities_and_document_types_do_nothing() -> None:
    bomb = b'<!DOCTYPE Event [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + EVENT.replace(
        b">-<", b">&b;<"
    )
    (piece,) = read("xml", bomb)
    assert piece.value is None
    assert "undefined entity" in (piece.problem or "")


def test_nesting_without_end_is_refused() -> None:
    (piece,) = read("xml", b"<Event>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</Event>")
    assert "nested too deep" in (piece.problem or "")


def test_other_elements_and_repeated_ones() -> None:
    data = b"<rows><row id='1'><a>x</a><a>y</a></row><rowset/></rows>"
    assert values("xml", data, element="row") == [{"row": {"#attributes": {"id": "1"}, "a": ["x", "y"]}}]
