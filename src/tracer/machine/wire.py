"""Values as bytes between tracer's own processes: MessagePack, typed where it is read, so that no message can do anything.

Text may hold halves of surrogate pairs, as evidence and names of files do. MessagePack knows none; a message with such text
is written once more, with every text that needs it, and every mapping with such a key, as an extension.
"""

from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec.msgpack import Ext

from tracer import errors
from tracer.errors import TracerError

PLAIN, ODD = b"\0", b"\1"
"""The first byte of a message: whether all of its text is as MessagePack has it."""

TEXT, MAPPING = 1, 2
"""The numbers of the extensions: text with halves of surrogate pairs, and a mapping with such a key as a list of pairs."""

ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, TracerError)
}
"""The errors that a message may be about; one of another module goes as the nearest of these."""

T = TypeVar("T")


def encoded(value: Any) -> bytes:
    """A value of plain types, data classes and stated problems, as bytes. Raises TypeError or OverflowError for another."""
    try:
        return PLAIN + msgspec.msgpack.encode(value, enc_hook=_said)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value, builtin_types=(bytes,), enc_hook=_said)
        return ODD + msgspec.msgpack.encode(_marked(plain))


def decoded(data: bytes, kind: type[T]) -> T:
    """The value that the bytes are, which is of this kind. Raises ValueError where it is none."""
    body = memoryview(data)[1:]
    if data[:1] == PLAIN:
        value: T = _decoder(kind).decode(body)  # type: ignore[arg-type]
        return value
    return msgspec.convert(msgspec.msgpack.decode(body, ext_hook=_unmarked), kind, dec_hook=_problem)


@lru_cache(maxsize=64)
def _decoder(kind: type) -> Any:
    return msgspec.msgpack.Decoder(kind, dec_hook=_problem)


def _said(value: Any) -> Any:
    """A stated problem as its kind and its words."""
    if not isinstance(value, TracerError):
        raise TypeError(f"{type(value).__name__} is nothing that is sent")
    kind = next(one.__name__ for one in type(value).__mro__ if ERRORS.get(one.__name__) is one)
    return [kind, value.what, value.where, value.todo]


def _problem(kind: type, value: Any) -> Any:
    if not issubclass(kind, TracerError):
        raise NotImplementedError(kind.__name__)
    name, what, where, todo = msgspec.convert(value, tuple[str, str, str, str])
    if name not in ERRORS:
        raise ValueError("this is no error of tracer's")
    return ERRORS[name](what, where=where, todo=todo)


def _marked(value: Any) -> Any:
    if isinstance(value, str):
        return value if _sendable(value) else Ext(TEXT, value.encode("utf-8", "surrogatepass"))
    if isinstance(value, dict):
        pairs = [(_marked(key), _marked(held)) for key, held in value.items()]
        odd = any(isinstance(key, Ext) for key, _ in pairs)
        return Ext(MAPPING, msgspec.msgpack.encode(pairs)) if odd else dict(pairs)
    if isinstance(value, list | tuple):
        return [_marked(one) for one in value]
    return value


def _unmarked(number: int, data: memoryview) -> Any:
    if number == TEXT:
        return str(data, "utf-8", "surrogatepass")
    if number != MAPPING:
        raise ValueError("this is no extension of tracer's")
    return dict(msgspec.msgpack.decode(data, type=list[tuple[Any, Any]], ext_hook=_unmarked))


def _sendable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
