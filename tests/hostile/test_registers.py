"""Registers as long or as twisted as anybody likes: each is read, or refused in one sentence that names the file."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import RegisterError
from tracer.evidence import register_yaml
from tracer.evidence.register import Register, is_register, read_register

MANY = 100_000


def read(text: str) -> Register:
    assert is_register(text.encode("utf-8", "surrogatepass"))
    return read_register(text.encode("utf-8", "surrogatepass"), "register.yaml")


@pytest.mark.parametrize(
    "entry",
    [
        "{{approver: a{0}@corp.example, system: erp, entitlement: e{0}, from: 2024-01-01}}",
        "{{approver: same@corp.example}}",
    ],
)
def test_a_hundred_thousand_entries(entry: str) -> None:
    text = "authorities:\n" + "".join(f"- {entry.format(number)}\n" for number in range(MANY))
    found = read(text)
    assert len(found.entries) == MANY
    assert text.encode()[found.entries[-1].offset :].startswith(found.entries[-1].raw.encode())


def test_a_hundred_thousand_ids_are_told_apart() -> None:
    text = "identities:\n" + "".join(f"- {{id: svc-{number}, kind: workload}}\n" for number in range(MANY))
    assert (
        len(read(text + "- {id: SVC-5, kind: workload, owner: x}\n".replace("SVC-5", "new")).entries)
        == MANY + 1
    )
    with pytest.raises(RegisterError, match=r"yaml:100002: .*two things of SVC-5 \(the other is line 7\)"):
        read(text + "- {id: SVC-5, kind: human}\n")


TWISTED = {
    "lists in lists": "roles: " + "[" * 100_000,
    "keys in keys": "roles: " + "{a: " * 100_000,
    "lists in blocks": "roles:\n" + "".join(" " * depth + "-\n" for depth in range(300)),
    "itself": "roles: &a [*a]",
    "itself under a key": "roles: [&a {cost: *a}]",
    "an alias that grows": "roles:\n- cost: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"- cost: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
    "a text that aliases repeat": f"roles:\n- cost: &a {'x' * 100_000}\n" + "- cost: *a\n" * 6_000,
    "a key that repeats": "roles:\n- {" + "system: a, " * 50_000 + "}",
    "a key of a megabyte": f"roles:\n- {'a' * 1_000_000}: 1",
    "another key of a megabyte": f"roles:\n- ? {'a' * 1_000_000}\n  : 1",
    "a tag of its own": "roles: [{cost: !!python/object/apply:os.getcwd []}]",
    "an age of years": "policy: {revocation_sla: P99999999999999Y}",
    "an age of digits": f"policy: {{revocation_sla: P{'9' * 100_000}D}}",
    "a power": "policy: {revocation_sla: PT1e400S}",
    "a time before all": "rules: [{id: a, version: 1, expression: x, from: 0001-01-01T00:00:00+23:59}]",
    "a time after all": "rules: [{id: a, version: 1, expression: x, to: 9999-12-31T23:59:59-00:01}]",
    "a nul": 'roles: [{system: "a\0"}]',
    "a question in every place": f"roles: [{{entitlement: '{'a?' * 400}*'}}]",
    "unended": 'roles: ["' + "a" * 1_000_000,
}


@pytest.mark.parametrize("text", TWISTED.values(), ids=TWISTED)
def test_what_is_twisted_is_refused_in_one_sentence(text: str) -> None:
    try:
        found = read_register(text.encode(), "register.yaml")
    except RegisterError as error:
        assert str(error).startswith("register.yaml")
    else:
        assert len(found.entries) == 1 and text == TWISTED["a tag of its own"]


@pytest.mark.parametrize("half", ["\\ud83d\\ude00", "\\uD83D\\uDE00"])
def test_a_character_that_json_writes_in_two_halves_is_one(half: str) -> None:
    [entry] = read(f'{{"roles": [{{"entitlement": "a{half}"}}]}}').entries
    assert entry.content == {"entitlement": "a\N{GRINNING FACE}"}


def test_half_a_character_stays_what_it_is() -> None:
    [entry] = read('{"roles": [{"entitlement": "a\\ud83d"}]}').entries
    assert entry.content == {"entitlement": "a\\ud83d"}


def test_an_alias_of_an_entry_says_nothing_more() -> None:
    assert len(read("roles: [&a {entitlement: x}, *a, *a, {entitlement: x}]").entries) == 2


def test_a_price_keeps_its_numbers() -> None:
    [entry] = read("roles: [{cost: {amount: 12.5, per: P30D, since: 2024-01-01, count: 3, x: 1_0}}]").entries
    assert entry.content["cost"] == {
        "amount": 12.5,
        "per": "P30D",
        "since": "2024-01-01",
        "count": 3,
        "x": 10,
    }


BLOCK = st.sampled_from(
    ["- id: a{}\n  point: review\n", "- {{id: b{}, point: review}} # why\n", "# one\n\n- point: review\n  id: 'c{}'\n",
     "- id: |\n    d{}\n  point: review\n\n\n", "- id: >-\n    é{}\n\n  point: \"review\"\n  owners:\n  - owner: ü\n  # end\n"]
)  # fmt: skip


@given(st.lists(BLOCK, max_size=6))
def test_both_parsers_read_the_same(blocks: list[str]) -> None:
    text = "controls:\n" + "".join(block.format(number) for number, block in enumerate(blocks))
    fast = register_yaml.FAST
    found = read(text)
    try:
        register_yaml.FAST = yaml.SafeLoader
        assert read(text) == found
    finally:
        register_yaml.FAST = fast
