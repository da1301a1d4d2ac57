"""Limits of files and archives: at the limit everything is read, one beyond the rest is left, and that is said."""

import gzip
import io

from tests.limits.lowered import lowered

from tracer.evidence.decompress import decompressed


def test_what_a_compressed_file_grows_to() -> None:
    packed, said = gzip.compress(b"a" * 100), list[str]()
    with lowered("evidence.decompress.LARGEST", 100):
        assert decompressed("gzip", lambda: io.BytesIO(packed), said.append).read() == b"a" * 100
        assert said == []
    with lowered("evidence.decompress.LARGEST", 99):
        assert decompressed("gzip", lambda: io.BytesIO(packed), said.append).read() == b""
    assert len(said) == 1 and "limit" in said[0]
