"""Secrets in evidence are masked where they are shown; what only names something is shown."""

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.samples import golden, samples

from tracer.show.hints import hint
from tracer.show.secrets import masked, masked_value, secrets_shown

LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zC0fL" * 4
"""From which the tests make what looks like a token: none of it was ever one."""

TOKENS = [
    "ghp_" + LETTERS[:36],
    "github_pat_" + LETTERS[:22] + "_" + LETTERS[:59],
    "glpat-" + LETTERS[:20],
    "xoxb-" + "1234567890-" * 2 + LETTERS[:24],
    "sk-" + LETTERS[:48],
    "sk-ant-api03-" + LETTERS[:93],
    "npm_" + LETTERS[:36],
    "pypi-AgE" + LETTERS[:80],
    "AIza" + LETTERS[:35],
    "hvs." + LETTERS[:90],
    "dapi" + "0123456789abcdef" * 2,
    "SG." + LETTERS[:22] + "." + LETTERS[:43],
    "eyJ" + LETTERS[:20] + ".eyJ" + LETTERS[:40] + "." + LETTERS[:43],
    "FwoGZXIvYXdz" + LETTERS * 2,
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", "key {} leaked", '{{"x": "{}"}}', "https://h.example/?a={}&b=1"])
def test_a_token_is_known_by_its_shape(token: str, around: str) -> None:
    shown = masked(around.format(token))
    assert "••••" in shown
    assert token[-16:] not in shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2",
        "Password: hunter2",
        "user=nora&password=hunter2&next=/home",
        "db_password => 'hunter2'",
        '{"masterUserPassword": "hunter2"}',
        '{"body": "{\\"password\\": \\"hunter2\\"}"}',
        '{"name": "password", "value": "hunter2"}',
        '{"fieldname": "user_password", "oldvalue": "hunter2", "newvalue": "hunter2"}',
        "<password>hunter2</password>",
        "<Data Name='x'/><Data Name=\"Password\">hunter2</Data>",
        "ALTER ROLE lev PASSWORD 'hunter2'",
        "CREATE USER 'lev' IDENTIFIED BY 'hunter2'",
        "COMMAND=/usr/bin/psql --password hunter2 -h db",
        "curl -u lev:hunter2 https://h.example/",
        "postgresql://lev:hunter2@db.example:5432/books",
        "Server=db;User Id=lev;Password=hunter2;Encrypt=yes",
        "/login?password%3Dhunter2",
        "Cookie: session=hunter2; theme=dark",
        '{"headers": {"cookie": ["a=hunter2", "b=hunter2"]}}',
        "client_secret: hunter2",
        "DB_PASS=hunter2",
        "pw: hunter2",
        '{"ses_smtp_password_v4": "hunter2"}',
        '{"secretString": "hunter2"}',
        '{"parameterKey": "DbPassword", "parameterValue": "hunter2"}',
        "CREATE USER lev WITH PASSWORD E'hunter2' SUPERUSER",
        "ALTER ROLE lev PASSWORD U&'hunter2'",
        "ALTER ROLE lev PASSWORD\n'hunter2'",
        '{"query": "ALTER ROLE lev PASSWORD\\n\'hunter2\'"}',
        "ALTER ROLE lev PASSWORD $$hunter2$$",
        "ALTER ROLE lev PASSWORD $x$hunter2$x$",
        "ALTER ROLE lev PASSWORD 'it''hunter2' SUPERUSER",
        "COMMAND=/usr/bin/mysql -u root -phunter2 -h db",
        "COMMAND=/usr/bin/sshpass -p hunter2 ssh db",
        "docker login -u lev -p hunter2 registry.example",
        "/usr/sbin/usermod -aG sudo lev -p hunter2",
        "net user lev hunter2 /add",
        "echo hunter2 | passwd --stdin lev",
        "echo 'lev:hunter2' | sudo chpasswd",
        '{"userData": "hunter2hunter2"}',
        '{"recoveryCodes": ["hunter2", "hunter2"]}',
        '{"SAMLResponse": "hunter2hunter2"}',
        '{"base32StringSeed": "HUNTER2hunter2"}',
        '{"secretAccessKey": "hunter2hunter2"}',
    ],
)
def test_a_secret_is_known_by_the_name_before_it(text: str) -> None:
    shown = masked(text)
    assert "hunter2" not in shown
    assert "(masked, " in shown
    assert masked(shown) == shown


def test_headers_that_authorise_are_masked() -> None:
    basic = base64.b64encode(b"nora:hunter2").decode()
    for text in (
        f"Authorization: Basic {basic}",
        f"sent Basic {basic}",
        f'{{"authorization": "Basic {basic}"}}',
    ):
        assert basic not in masked(text)
    assert LETTERS[:32] not in masked(f"authorization: Bearer {LETTERS[:32]}")
    assert masked("Basic authentication is off") == "Basic authentication is off"


def test_a_private_key_is_masked_to_its_end_whether_on_lines_or_in_json() -> None:
    body = "\n".join([LETTERS[:64]] * 3)
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    for text in (key, json.dumps({"key": key}), key[:100]):
        assert LETTERS[:30] not in masked(text)
    assert masked(f"before {key} after").endswith("-----END RSA PRIVATE KEY----- after")
    assert json.loads(masked(json.dumps({"key": key})))["key"].startswith("-----BEGIN")


def test_the_data_of_a_kubernetes_secret_is_masked_whatever_its_names() -> None:
    secret = {"kind": "Secret", "data": {"a": "aGFsbG8=", "b": "d2VsdA=="}, "metadata": {"name": "db"}}
    shown = json.loads(masked(json.dumps({"requestObject": secret})))["requestObject"]
    assert shown == secret | {"data": {"a": hint("aGFsbG8="), "b": hint("d2VsdA==")}}


def test_the_secret_of_an_access_key_is_masked_and_its_id_is_not() -> None:
    text = f"AKIAIOSFODNN7EXAMPLE {LETTERS[:40]}"
    assert masked(text) == f"AKIAIOSFODNN7EXAMPLE {hint(LETTERS[:40])}"


@pytest.mark.parametrize(
    "text",
    [
        '{"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}',
        "aws_access_key=ASIAIOSFODNN7EXAMPLE",
        '{"secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-Ab12Cd"}',
        '{"secretId": "prod/db-Ab12Cd34Ef56Gh78"}',
        '{"token": "deploy-token"}',
        '{"token": "3f0e9a6e-6c39-4c1e-8d52-1c0a4d7e9b10"}',
        '{"client_token": "hmac-sha256:0f3a9c0f3a9c0f3a9c0f3a9c"}',
        '{"hashed_token": "Y2hlY2sgdGhpcyBpcyBub3QgYSBzZWNyZXQ9MTIz"}',
        '{"nextToken": "AbC123AbC123AbC123AbC123AbC123AbC123"}',
        "credential:app-password:4",
        "pam_unix(passwd:chauthtok): password changed for rbast",
        "Failed password for invalid user lev from 192.0.2.7 port 4711 ssh2",
        "PWD=/home/nora ; USER=root ; COMMAND=/usr/bin/id",
        "API token: export",
        "sha256 " + "0123456789abcdef" * 4,
        "commit " + "0123456789abcdef0123456789abcdef01234567",
        "nora.weber@corp.example",
        "spiffe://corp.example/ns/erp/sa/engine",
        "https://corp.example:8443/a@b",
        "sk-learn-trainer-production-eu-west-1",
        'user.password == "x"',
        "password: ********",
        '{"password": "HIDDEN_DUE_TO_SECURITY_REASONS"}',
        '{"password": null, "resetPassword": true}',
        "{'password': '', 'user': 'lev'}",
        "mysql -p -u root",
        "net user lev /add",
        "the net user count rose",
        "ALTER ROLE lev PASSWORD NULL",
        "user_password text NOT NULL",
        "bypass: yes",
        "postgresql login -U lev",
    ],
)
def test_what_only_names_something_is_shown(text: str) -> None:
    assert masked(text) == text


def test_nothing_that_samples_yield_is_masked() -> None:
    """Accounts, entitlements, ids, times: whatever the judgement works with."""
    for sample in samples("sample"):
        told = json.loads(golden(sample).read_text(encoding="utf-8"))
        assert masked_value(told) == told, sample


def test_data_is_masked_by_its_keys_and_stays_data() -> None:
    value = {"user": "nora", "password": 1234, "tags": ["a", {"apiKey": LETTERS[:30]}], "token": True}
    assert masked_value(value) == {
        "user": "nora",
        "password": hint("1234"),
        "tags": ["a", {"apiKey": hint(LETTERS[:30])}],
        "token": True,
    }
    text = json.dumps(value)
    assert json.loads(masked(text)) == masked_value(value)


def test_secrets_are_shown_where_that_was_asked_for() -> None:
    with secrets_shown():
        assert masked("password=hunter2") == "password=hunter2"
        assert masked_value({"password": "hunter2"}) == {"password": "hunter2"}
    assert masked("password=hunter2") == "password=•••• (masked, 7 characters)"


PIECES = st.sampled_from(
    [
        *("password", "token", "secret", "Cookie", "eyJ", ".eyJ", "-", "://", ":", "@", "=", '"', "'", "\\", '\\"', " ", "[", "]"),
        *("{", "}", ",", "basic ", "-----BEGIN PRIVATE KEY-----", '"kind":"Secret"', '"data":{"a":"', "ghp_", "a1B", "•", "<", ">"),
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_masking_again_changes_nothing(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@given(st.text(max_size=300))
def test_any_text_can_be_masked(text: str) -> None:
    assert isinstance(masked(text), str)


@pytest.mark.parametrize(
    "piece",
    [
        *("password", "password=", 'password="', "token=", "token:", "token: ", "cookie:", "cookie: x ", 'token="\\', "eyJ-", "eyJa.eyJ"),
        *("://a:", "basic ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", '"kind":"Secret","data":{', '\\"', "password=arn:x:", "<password>", "ghp_", "\\"),
        *("SCRAM-SHA-256$1:aaaaaaaa", "$2a$", "bearer ", "akia" + "Aa1/" * 9, "--password ", "machine a login b password", 'secret["a",'),
        *("mysql -a ", "mysql ", "login a ", "user", "usermod -a -a ", "net user a ", "echo 'a' | ", "password $a$", "password\n", "password=''"),
    ],
)  # fmt: skip
def test_long_text_is_read_once(piece: str) -> None:
    """What takes a square of the length would take hours here."""
    text = piece * (400_000 // len(piece))
    began = time.monotonic()
    masked(text)
    assert time.monotonic() - began < 60
