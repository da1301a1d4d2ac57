"""What the commits of a real repository say: the change, and who asked, approved and put it in force."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.sources.git.repository import Repository, needs_git

from tracer.case.resources import resource
from tracer.sources.git.history import open_bundle, open_repository
from tracer.sources.git.records import Entry, entries, log_entries

pytestmark = needs_git
BO = "Bo Berg <bo@reg.example>"
CY = "Cy Dahl <cy@reg.example>"
EMPTY = "groups:\n  admins:\n    members: []\n  readers:\n    members: []\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "register")
    made.commit({"access.yaml": EMPTY}, "The register")
    return made


def options() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((resource("ingest") / "git-register.toml").read_text())["options"]
    return found


def told(repository: Repository) -> list[Entry]:
    return list(entries(open_repository(repository.folder), options(), "register"))


def changes(entry: Entry) -> list[tuple[str, str | None, str | None]]:
    return [(one["verb"], one["subject"], one["entitlement"]) for one in entry.value["changes"]]


def accounts(people: list[dict[str, str]]) -> list[str]:
    return [one["account"] for one in people]


def members(admins: str, readers: str = "") -> str:
    return f"groups:\n  admins:\n    members: [{admins}]\n  readers:\n    members: [{readers}]\n"


def test_one_commit_that_gives_several_groups_is_a_change_each(repository: Repository) -> None:
    repository.commit({"access.yaml": members("ada, bo", "ada")}, "More people\n\nBug: T1234")
    last = told(repository)[-1]
    assert changes(last) == [
        ("grant", "ada", "admins"),
        ("grant", "ada", "readers"),
        ("grant", "bo", "admins"),
    ]
    assert last.value["ticket"] == "T1234"
    assert last.value["requester"]["account"] == last.value["executor"]["account"] == "ada@reg.example"
    assert last.value["approvers"] == []


def test_a_merge_counts_once_and_is_the_approval_of_who_merged(repository: Repository) -> None:
    repository.branch("bo")
    repository.commit({"access.yaml": members("bo")}, "Bo asks\n\nTicket: ACC-7", author=BO)
    repository.commit({"other.txt": "x"}, "Nothing of the register", author=CY)
    repository.merge("bo", "Merge branch 'bo'", CY)
    found = told(repository)
    assert len(found) == 2
    assert changes(found[-1]) == [("grant", "bo", "admins")]
    assert found[-1].value["requester"]["account"] == "bo@reg.example"
    assert accounts(found[-1].value["approvers"]) == ["cy@reg.example"]
    assert found[-1].value["executor"]["account"] == "cy@reg.example"
    assert found[-1].value["ticket"] == "ACC-7"


def test_two_authors_of_one_merge_each_asked_for_their_own(repository: Repository) -> None:
    repository.branch("both")
    repository.commit({"access.yaml": members("bo")}, "Bo asks", author=BO)
    repository.commit({"access.yaml": members("bo", "cy")}, "Cy asks\n\nTicket: ACC-9", author=CY)
    repository.merge("both", "Merge branch 'both'", "Di Ek <di@reg.example>")
    asked = {
        one["subject"]: (one["requester"]["account"], one["ticket"])
        for one in told(repository)[-1].value["changes"]
    }
    assert asked == {"bo": ("bo@reg.example", None), "cy": ("cy@reg.example", "ACC-9")}


def test_who_merges_their_own_work_has_approved_nothing(repository: Repository) -> None:
    repository.branch("bo")
    repository.commit({"access.yaml": members("bo")}, "Bo asks", author=BO)
    repository.merge("bo", "Merge pull request #12 from bo/bo", BO)
    last = told(repository)[-1]
    assert last.value["approvers"] == []
    assert last.value["change"] == "#12"


def test_a_branch_that_was_not_merged_gives_nothing(repository: Repository) -> None:
    repository.branch("idea")
    repository.commit({"access.yaml": members("eve")}, "An idea")
    repository.git("checkout", "-q", "main")
    assert [changes(one) for one in told(repository) if one.value.get("changes")] == []


def test_a_revert_takes_back(repository: Repository) -> None:
    given = repository.commit({"access.yaml": members("ada")}, "Ada")
    repository.minute += 1
    repository.git("revert", "--no-edit", given)
    last = told(repository)[-1]
    assert changes(last) == [("revoke", "ada", "admins")]
    assert last.value["reverts"] == given


def test_a_renamed_register_changes_nothing(repository: Repository) -> None:
    repository.commit({"access.yaml": members("ada")}, "Ada")
    repository.commit({"access.yaml": None, "teams/who.yml": members("ada")}, "Moved")
    assert changes(told(repository)[-1]) == []


def test_review_notes_name_reviewers_and_submitter(repository: Repository) -> None:
    commit = repository.commit({"access.yaml": members("ada")}, "Ada\n\nBug: T7\nChange-Id: Iabc", author=BO)
    repository.note(
        commit,
        "Verified+2: jenkins-bot\nCode-Review+2: Cy Dahl <cy@reg.example>\nCode-Review+1: Di <di@reg.example>\n"
        "Submitted-by: Cy Dahl <cy@reg.example>\nSubmitted-at: Sun, 01 Mar 2026 12:30:00 +0000\nProject: ops/access\n",
    )
    unseen = repository.commit({"access.yaml": members("ada, eve")}, "Eve, unseen", author=BO)
    later = repository.commit({"access.yaml": members("ada, eve, fay")}, "Fay", author=BO)
    repository.note(later, "Code-Review+2: Bo Berg <bo@reg.example>")
    first, second, third = told(repository)[1:]
    assert first.value["change"] == "Iabc"
    assert first.value["ticket"] == "T7"
    assert first.value["system"] == "ops/access"
    assert accounts(first.value["approvers"]) == ["cy@reg.example"]
    assert first.value["executor"]["account"] == "cy@reg.example"
    assert first.value["executed_at"] == "2026-03-01T12:30:00.000Z"
    assert (second.value["commit"], second.value["undecided"]) == (unseen, "pending")
    assert accounts(third.value["approvers"]) == ["bo@reg.example"]


def test_absent_and_removed_accounts_end(repository: Repository) -> None:
    users = "users:\n  ada:\n    ensure: present\n    email: ada@reg.example\n  bo:\n    ensure: present\n"
    repository.commit({"users.yaml": users}, "Accounts")
    repository.commit({"users.yaml": "users:\n  ada:\n    ensure: absent\n"}, "They left")
    appeared, left = told(repository)[1:]
    assert changes(appeared) == [("create", "ada", None), ("create", "bo", None)]
    assert appeared.value["accounts"][0]["alias"] == "ada@reg.example"
    assert changes(left) == [("disable", "ada", None), ("delete", "bo", None)]


def test_keys_are_issued_rotated_and_taken_and_never_shown(repository: Repository) -> None:
    text = "users:\n  ada:\n    ensure: present\n    ssh_keys: [{}]\n"
    repository.commit({"users.yaml": text.format("ssh-rsa AAAAfirst ada@laptop")}, "One")
    repository.commit({"users.yaml": text.format("ssh-rsa AAAAsecond ada@laptop")}, "Another")
    found = changes(told(repository)[-1])
    assert [verb for verb, _, _ in found] == ["revoke", "grant", "rotate"]
    assert found[1][2] == found[2][2] != found[0][2]
    assert all("AAAA" not in str(entitlement) for _, _, entitlement in found)


def test_what_a_group_allows_is_a_rule_and_its_description_is_not(repository: Repository) -> None:
    group = "groups:\n  admins:\n    members: [ada]\n    description: {}\n    privileges: ['{}']\n"
    repository.commit({"access.yaml": group.format("old", "ALL")}, "One")
    repository.commit({"access.yaml": group.format("new", "ALL")}, "Description")
    repository.commit({"access.yaml": group.format("new", "SOME")}, "Privileges")
    assert [changes(one) for one in told(repository)[-2:]] == [[], [("change-rule", None, "admins")]]


def test_a_commit_that_breaks_the_register_says_so_and_the_next_one_is_compared_with_the_last_good(
    repository: Repository,
) -> None:
    repository.commit({"access.yaml": members("ada")}, "Ada")
    repository.commit({"access.yaml": "groups: [oh: no\n"}, "Broken")
    repository.commit({"access.yaml": members("ada, bo")}, "Mended, and Bo")
    broken, mended = told(repository)[-2:]
    assert broken.problem is not None
    assert "access.yaml cannot be read" in broken.problem
    assert changes(mended) == [("grant", "bo", "admins")]


def test_a_bundle_says_what_its_repository_says(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit({"access.yaml": members("ada")}, "Ada", author=BO)
    repository.note(commit, "Code-Review+2: Cy Dahl <cy@reg.example>")
    bundle = repository.bundle(tmp_path / "register.bundle")
    bundled = list(entries(open_bundle(bundle.read_bytes()), options(), "register"))
    assert [(one.raw, one.value) for one in bundled] == [(one.raw, one.value) for one in told(repository)]


def test_a_broken_bundle_is_a_stated_problem(repository: Repository, tmp_path: Path) -> None:
    data = repository.bundle(tmp_path / "register.bundle").read_bytes()
    for broken in (data[: len(data) // 2], data.replace(b"PACK", b"KCAP"), b"# v2 git bundle\nzz"):
        with pytest.raises(ValueError, match="bundle"):
            open_bundle(broken)


def test_the_text_of_a_log_tells_whole_files_and_says_what_it_cannot(repository: Repository) -> None:
    repository.commit({"members/ada": "\n"}, "Nominate ada", author=BO, committer=CY)
    repository.commit({"access.yaml": members("ada")}, "Ada")
    text = repository.git("log", "-p", "--format=fuller")
    found = list(log_entries(text.encode(), options(), "register"))
    assert changes(found[1]) == [("grant", "ada", "members")]
    assert found[1].value["requester"]["account"] == "bo@reg.example"
    assert found[1].value["executor"]["account"] == "cy@reg.example"
    assert found[2].problem is not None
    assert "a bundle tells" in found[2].problem


def test_an_entry_says_who_asked_where_an_automation_commits(repository: Repository) -> None:
    text = (
        'module "ledger" {\n  source = "./modules/collaborators"\n  repository = "ledger"\n  collaborators = [\n'
        '    { github_user = "nina-h", permission = "push", added_by = "ada@reg.example", reason = "audit" },\n  ]\n}\n'
    )
    repository.commit(
        {"ledger.tf": text}, "Automated", author="sync-bot <1+sync-bot[bot]@users.noreply.github.com>"
    )
    last = told(repository)[-1]
    assert changes(last) == [("grant", "nina-h", "ledger:push")]
    assert last.value["changes"][0]["requester"]["account"] == "ada@reg.example"
    assert last.value["requester"]["kind"] == "workload"


def test_a_bare_clone_says_what_the_repository_says(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"access.yaml": members("ada")}, "Ada")
    repository.git("clone", "-q", "--bare", str(repository.folder), str(tmp_path / "bare.git"))
    bare = list(entries(open_repository(tmp_path / "bare.git"), options(), "register"))
    assert [changes(one) for one in bare[1:]] == [[("grant", "ada", "admins")]]


def test_a_shallow_clone_begins_with_what_was_held(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"access.yaml": members("ada")}, "Ada\n\nBug: T1")
    repository.commit({"access.yaml": members("ada, bo")}, "Bo")
    repository.git("clone", "-q", "--depth", "2", f"file://{repository.folder}", str(tmp_path / "shallow"))
    first, second = entries(open_repository(tmp_path / "shallow"), options(), "register")
    assert [one["account"] for one in first.value["held"]] == ["ada"]
    assert changes(second) == [("grant", "bo", "admins")]


def test_a_bundle_of_only_the_latest_commits_says_what_it_lacks(
    repository: Repository, tmp_path: Path
) -> None:
    for number in range(30):
        repository.commit(
            {"access.yaml": members(", ".join(f"a{one}" for one in range(number + 1)))}, f"{number}"
        )
    path = tmp_path / "part.bundle"
    repository.git("bundle", "create", "-q", str(path), "HEAD~2..HEAD")
    with pytest.raises(ValueError, match="does not hold"):
        list(entries(open_bundle(path.read_bytes()), options(), "register"))
