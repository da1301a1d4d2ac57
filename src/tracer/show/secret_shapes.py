"""Secrets that are known by their own shape: what vendors put before them, PEM, JWT, passwords in addresses and SQL.

Each row: letters (lower case) without which the shape cannot stand, and the shape, whose group `secret` is masked. What a
vendor puts before a token is kept: it tells what it was. Every repetition is over one class of characters and takes all
that it can, so that no text is passed more often than a fixed number of times.
"""

import re
from functools import cache

WORD = r"(?<![A-Za-z0-9])"
"""A shape begins where a word does."""


def _after(prefix: str, body: str) -> str:
    return rf"{WORD}(?:{prefix})(?P<secret>{body})"


def _option(command: str, option: str) -> str:
    """The value of an option, after this command and up to ten other words of it."""
    return rf"\b{command}(?:\s++(?!{option})[^\s;|&\"']{{1,256}}+){{0,10}}+\s++{option}['\"]?(?P<secret>[^\s'\";|&\\]++)"


SHAPES: tuple[tuple[str, str], ...] = (
    # Keys and certificates as text
    ("private key", r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?P<secret>(?:[^-\"'<]|-(?!----))++)"),
    ("putty-user-key", r"Private-Lines: \d{1,6}(?P<secret>[A-Za-z0-9+/=\s]{16,}+)"),
    ("age-secret-key-", _after("AGE-SECRET-KEY-1", r"[0-9A-Z]{20,}+")),
    # Signed tokens and what stands in headers
    ("eyj", r"(?<![\w-])(?P<secret>eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+(?:\.[\w-]*+)?)"),
    ("bearer", r"(?i:\bbearer[ :=\"]{1,3})(?P<secret>(?=[\w.~+/-]{0,200}\d)[\w.~+/-]{16,}+=*+)"),
    ("ssws", _after("SSWS ", r"[\w-]{20,}+")),
    # Passwords in addresses, in SQL and on command lines
    ("://", r"://[^\s/:@\"'<>]{0,256}:(?P<secret>[^\s/@\"'<>\\]{1,512}+)(?=@)"),
    ("identified", r"(?i:identified\s{1,4}(?:with\s{1,4}\w{1,40}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?)'(?P<secret>[^']++)"),
    ("curl", r"\s(?:-u|--user)[ =]['\"]?[^\s:'\"]{1,256}:(?P<secret>[^\s'\"]++)"),
    ("machine ", r"\bmachine\s\S{1,256}\s{1,4}login\s\S{1,256}\s{1,4}password\s(?P<secret>\S++)"),
    ("password", r"(?i:\bpassword)\s{1,4}\$\w{0,20}\$(?P<secret>[^$]++)"),
    ("sshpass", r"\bsshpass\s++-p\s*+['\"]?(?P<secret>[^\s'\"]++)"),
    ("mysql", _option(r"mysql\w{0,8}", "-p")),
    ("login", _option("login", r"-p\s++")),
    ("user", _option(r"user(?:mod|add)", r"(?:-p|--password)(?:\s++|=)")),
    ("net", r"(?i:\bnet1?(?:\.exe)?\s++user)\s++[^\s/]{1,256}+\s++(?P<secret>[^\s/\"']++)(?=\s++/[A-Za-z])"),
    ("passwd", r"\becho\s++['\"]?(?P<secret>[^'\"|]{1,512}+)['\"]?\s*+\|\s*+(?:sudo\s++)?(?:ch)?passwd\b"),
    # What gives a URL its power
    ("sig=", r"[?&]sig=(?P<secret>[\w%+/=-]{20,}+)"),
    ("hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[\w/-]{16,}+)"),
    ("webhook", r"(?:discord(?:app)?\.com/api/webhooks/\d{1,24}/|/webhook(?:b2)?/)(?P<secret>[\w@/-]{40,}+)"),
    ("sessionid", r"(?i:\b(?:j?sessionid|phpsessid|asp\.net_sessionid))=(?P<secret>[\w.%!-]{16,}+)"),
    ("phpsessid", r"(?i:\bphpsessid)=(?P<secret>[\w-]{16,}+)"),
    ("connect.sid", r"\bconnect\.sid=(?P<secret>[\w.%+/=-]{16,}+)"),
    # Amazon, Google, Microsoft
    ("fwogzxivyxdz", _after("", r"(?:FwoGZXIvYXdz|FQoGZXIvYXdz)[\w+/=]{40,}+")),
    ("iqojb3jpz2lu", _after("", r"IQoJb3JpZ2lu[\w+/=]{40,}+")),
    *(
        (trigger, r"(?<![\w/+=.-])(?P<secret>(?=[A-Za-z0-9/+]{0,39}[A-Z])(?=[A-Za-z0-9/+]{0,39}[a-z])(?=[A-Za-z0-9/+]{0,39}\d)(?![0-9a-fA-F]{40})[A-Za-z0-9/+]{40})(?![\w/+=.-])")
        for trigger in ("akia", "asia")
    ),
    ("aiza", _after("AIza", r"[\w-]{35}(?![\w-])")),
    ("ya29.", _after(r"ya29\.", r"[\w-]{20,}+")),
    ("1//0", r"(?<![\w/:])1//0(?P<secret>[\w-]{30,}+)"),
    ("gocspx-", _after("GOCSPX-", r"[\w-]{20,}+")),
    ("8q~", r"(?<![\w.~-])(?P<secret>[\w.~-]{3}8Q~[\w.~-]{31,34})(?![\w.~-])"),
    # Vendors that put a name of their own before their tokens
    ("gh", _after(r"gh[pousr]_", r"[A-Za-z0-9]{30,}+")),
    ("github_pat_", _after(r"github_pat_", r"\w{30,}+")),
    ("gl", _after(r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas)-", r"[\w.-]{20,}+")),
    ("gr1348941", _after("GR1348941", r"[\w-]{20,}+")),
    ("xox", _after(r"xox[a-z](?:\.xox[a-z])?-", r"[\w%-]{10,}+")),
    ("xapp-", _after(r"xapp-", r"[\w-]{20,}+")),
    ("sk-", _after(r"sk-(?:ant-|proj-|svcacct-|admin-|or-)[\w]{0,12}?-?", r"[\w-]{20,}+")),
    ("sk-", _after(r"sk-", r"(?=[A-Za-z]{0,60}\d)[A-Za-z0-9]{32,}+")),
    ("_live_", _after(r"[sr]k_live_", r"[A-Za-z0-9]{16,}+")),
    ("_test_", _after(r"[sr]k_test_", r"[A-Za-z0-9]{16,}+")),
    ("whsec_", _after(r"whsec_", r"[\w+/=]{20,}+")),
    ("npm_", _after(r"npm_", r"[A-Za-z0-9]{36}(?![A-Za-z0-9])")),
    ("pypi-", _after(r"pypi-", r"AgE[\w-]{40,}+")),
    ("rubygems_", _after(r"rubygems_", r"[0-9a-f]{40,}+")),
    ("dckr_", _after(r"dckr_(?:pat|oat)_", r"[\w-]{20,}+")),
    ("hv", _after(r"hv[sbr]\.", r"[\w-]{20,}+")),
    ("atlasv1", _after(r"[A-Za-z0-9]{14}\.atlasv1\.", r"[\w=-]{40,}+")),
    ("atatt3", _after(r"ATATT3", r"[\w=-]{40,}+")),
    ("dapi", _after(r"dapi", r"[0-9a-f]{32}(?:-\d)?(?![0-9a-f])")),
    ("sg.", _after(r"SG\.", r"[\w-]{16,32}\.[\w-]{16,}+")),
    ("shp", _after(r"shp(?:at|ca|pa|ss)_", r"[0-9a-fA-F]{32}")),
    ("hf_", _after(r"hf_", r"[A-Za-z0-9]{30,}+")),
    ("glsa_", _after(r"glsa_", r"[A-Za-z0-9]{32}_[0-9a-f]{8}")),
    ("eyjrijoi", _after("", r"eyJrIjoi[\w+/=-]{40,}+")),
    ("glc_", _after(r"glc_", r"eyJ[\w+/=-]{20,}+")),
    ("do", _after(r"do[opr]_v1_", r"[0-9a-f]{64}")),
    ("dp.", _after(r"dp\.(?:pt|st|ct|sa|scim|audit)\.", r"[\w.-]{30,}+")),
    ("lin_api_", _after(r"lin_api_", r"[A-Za-z0-9]{32,}+")),
    ("ntn_", _after(r"ntn_", r"[A-Za-z0-9]{40,}+")),
    ("secret_", _after(r"secret_", r"(?=[A-Za-z]{0,60}\d)[A-Za-z0-9]{43}(?![A-Za-z0-9])")),
    ("pscale_", _after(r"pscale_(?:tkn|pw|oauth)_", r"[\w.=-]{30,}+")),
    ("pul-", _after(r"pul-", r"[0-9a-f]{40}")),
    ("pmak-", _after(r"PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}")),
    ("nrak-", _after(r"NRAK-", r"[A-Z0-9]{27}")),
    ("tskey-", _after(r"tskey-(?:auth|api|client|scim|webhook)-", r"[\w-]{20,}+")),
    ("ops_eyj", _after(r"ops_", r"eyJ[\w-]{40,}+")),
    ("figd_", _after(r"figd_", r"[\w-]{30,}+")),
    ("sntry", _after(r"sntry[su]_", r"[\w+/=-]{30,}+")),
    ("sq", _after(r"sq[uap]_", r"[0-9a-f]{40}")),
    ("sbp_", _after(r"sbp_", r"[0-9a-f]{40}")),
    ("hrku-", _after(r"HRKU-", r"[\w-]{30,}+")),
    ("ccip", _after(r"CCIPAT_", r"[\w-]{30,}+")),
    (":aa", r"(?<![\w:])\d{8,10}:(?P<secret>AA[\w-]{33})(?![\w-])"),
    # What databases keep of passwords
    ("scram-sha-256$", r"SCRAM-SHA-256\$(?P<secret>\d{1,9}:[\w+/=]{8,}+\$[\w+/=:]{8,}+)"),
    ("$", r"(?<![\w$])\$(?:2[abxy]|5|6|y|argon2(?:id|i|d))\$(?P<secret>[\w./$,=+-]{20,}+)"),
)  # fmt: skip


@cache
def shape(pattern: str) -> re.Pattern[str]:
    """The shape, compiled when text first has its letters: most texts have none."""
    return re.compile(pattern)
