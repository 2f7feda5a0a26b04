"""How the bytes of a connection become answers.

llhttp (in httptools) does the reading, in its strict mode: it refuses an answer whose end could be read in two ways.
What it leaves to its user is here: bodies that end with the connection, interim answers, the answer to a HEAD, limits,
and that nothing may come which was not asked for.
"""

from __future__ import annotations

from typing import NoReturn

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from upstreams.http.exchange import Answer, ExchangeError, NotHttp, Severed, TooLong
from upstreams.http.lean.fields import Fields
from upstreams.http.unpack import LONGEST_BODY, Plain, body_of

LONGEST_HEAD = 64 * 1024
"""Bytes of an answer's head, interim answers before it included."""


class Reading:
    """Reads the answers of one connection, one for each :meth:`begin`.

    Attributes:
        clean: what has come ended with the last answer, and the peer means to keep the connection.
        received: bytes of the answer under way, its frame included.
    """

    __slots__ = ("_answer", "_body", "_fields", "_is_head", "_parser", "_refusal", "clean", "received")

    def __init__(self) -> None:
        self.clean = True
        self._parser = HttpResponseParser(self)
        self._refusal: ExchangeError | None = None
        self.begin()

    def begin(self, *, is_head: bool = False) -> None:
        """An answer is to come; that to a HEAD tells of a body that does not."""
        self.received = 0
        self._is_head = is_head
        self._answer: Answer | None = None
        self._fields: list[tuple[bytes, bytes]] = []
        self._body: Plain | None = None  # once the head of the final answer has been read

    def feed(self, data: bytes) -> Answer | None:
        """Take what came; the answer, when it is complete.

        Raises:
            ExchangeError: it is none, or one that we do not read.
        """
        self.received += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.clean = False
            if self._refusal is not None and self._answer is None:
                raise self._refusal from None
            if self._answer is None:
                raise NotHttp from error
        if self._answer is None:
            if self.received > LONGEST_BODY + LONGEST_HEAD:
                raise TooLong
            if self._body is None and self.received > LONGEST_HEAD:
                raise NotHttp
        return self._answer

    def end(self) -> Answer:
        """The peer has said that no more comes; the answer, if that was its end.

        Raises:
            ExchangeError: it was not.
        """
        self.clean = False
        told = any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self._fields)
        if self._body is None or told:
            raise Severed
        return self._whole(self._body.end())

    # -- what the parser calls ---------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._answer is not None:  # more than was asked for: whose answer would it be?
            self._refuse(NotHttp())

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._body is None:  # what comes later is a trailer, which nobody reads
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        if self.received > LONGEST_HEAD and sum(len(name) + len(value) for name, value in self._fields) > LONGEST_HEAD:
            self._refuse(NotHttp())
        if self._parser.get_status_code() < 200:
            return
        length = 0
        coding = b""
        for name, value in self._fields:
            match len(name):
                case 14 if name.lower() == b"content-length":
                    length = int(value)
                case 16 if name.lower() == b"content-encoding":
                    coding = coding + b"," + value if coding else value
                case 17 if name.lower() == b"transfer-encoding" and value.strip().lower() != b"chunked":
                    self._refuse(NotHttp())
        try:
            self._body = body_of(coding.decode("latin-1")) if coding else Plain()
            if not self._is_head:
                self._body.announce(length)
        except ExchangeError as failure:
            self._refuse(failure)
        if self._is_head:
            self._complete(b"")
            self._parser = HttpResponseParser(self)  # the old one waits for a body

    def on_body(self, piece: bytes) -> None:
        if self._answer is not None or self._body is None:  # after the answer to a HEAD
            self._refuse(NotHttp())
        try:
            self._body.feed(piece)
        except ExchangeError as failure:
            self._refuse(failure)

    def on_message_complete(self) -> None:
        if self._body is None:  # an interim answer
            self._fields = []
        elif self._answer is None:
            try:
                self._complete(self._body.end())
            except ExchangeError as failure:
                self._refuse(failure)

    # -- inside ------------------------------------------------------------------------------------

    def _complete(self, body: bytes) -> None:
        self._answer = self._whole(body)
        self.clean = self.clean and self._parser.should_keep_alive()

    def _whole(self, body: bytes) -> Answer:
        return Answer(self._parser.get_status_code(), Fields(self._fields), body)

    def _refuse(self, failure: ExchangeError) -> NoReturn:
        """Have the parser stop; what it raises then is its own, so the failure is kept."""
        self._refusal = failure
        raise failure
