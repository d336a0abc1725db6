"""Web server access logs, read line by line, and which of their requests are pages."""

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote

from models.errors import InvalidInput
from services.imports.log_line import Hit, nameless, parse, shown
from services.imports.rejected import Rejected

__all__ = ["Hit", "Pages", "Rejected", "read"]

LONGEST_LINE = 64 * 1024
"""In bytes; servers accept about 8 KB for a request line and as much for each header."""
PATIENCE = 1000
"""So many lines without a single hit mean that the file is no access log."""
WINDOW = 50_000
"""Equal lines are told apart by their count when fewer than this many other lines stand between them."""

_OPENERS: dict[bytes, Callable[[BinaryIO], object]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
_UTF8_MARK = b"\xef\xbb\xbf"

_FILES = (
    "css|js|mjs|json|jsonld|map|wasm|webmanifest|xml|rss|atom|rdf|txt|ics|vcf"
    "|ico|png|jpe?g|gif|webp|avif|heic|jxl|bmp|svgz?|tiff?|eot|otf|tt[cf]|woff2?"
    "|mp[34]|m4[av]|mpe?g|m3u8?|og[agv]|opus|webm|mov|avi|mkv|wav|flac|flv|swf|wmv"
    "|pdf|epub|docx?|xlsx?|pptx?|csv|zip|gz|tgz|bz2|xz|zst|tar|7z|rar|exe|msi|dmg|deb|rpm|apk|iso|jar|torrent"
)
_NOT_A_PAGE = re.compile(
    rf"\.(?:{_FILES})$|/(?:feeds?|rss2?|atom)/?$|^/(?:\.well-known|wp-json|cgi-bin|xmlrpc\.php|wp-cron\.php)(?:/|$)",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|flav|format|output|type)=(?:rss|atom|feed|xml|json)", re.IGNORECASE)
_ORIGIN = re.compile(r"^https?://[^/?#]*", re.IGNORECASE)


def read(path: Path) -> Iterator[Hit | Rejected]:
    """Every line of the log at `path`, in order, as a Hit or a Rejected; plain or compressed (gzip,
    bzip2, xz), of any size.

    Raises InvalidInput when there is no such file, it can't be read, is empty, or is no access log:
    none of its lines, or none of the first 1,000, fits. Nothing has been yielded by then, except
    where a file turns out to be damaged further on.
    """
    items = _read(path)
    refused: list[Rejected] = []
    for item in items:
        if isinstance(item, Hit):
            yield from chain(refused, (item,), items)
            return
        refused.append(item)
        if len(refused) == PATIENCE:
            break
    if not refused:
        raise InvalidInput.at("file", f"{path.name} is empty.")
    first = refused[0]
    raise InvalidInput.at(
        "file",
        f"{path.name} is not an access log in common or combined format; line {first.line} was refused: "
        f"{first.reason}",
    )


def _read(path: Path) -> Iterator[Hit | Rejected]:
    key_of = _Keys()
    combined = False
    number = 0
    try:
        with path.open("rb") as file:
            stream = _decompressed(file)
            while line := stream.readline(LONGEST_LINE):
                number += 1
                complete = line.endswith(b"\n")
                if len(line) == LONGEST_LINE and not complete:
                    _skip_line(stream)
                    reason = f"The line is longer than {LONGEST_LINE:,} bytes."
                    yield Rejected(number, reason, nameless(shown(line[:200])) + "…")
                    continue
                if number == 1:
                    line = line.removeprefix(_UTF8_MARK)
                line = line.rstrip(b"\r\n")
                item = parse(number, line, key_of(line))
                if isinstance(item, Hit):
                    if combined and not complete and line.count(b'"') < 6:
                        item = Rejected(
                            number, "The file ends in the middle of this line.", nameless(shown(line))
                        )
                    else:
                        combined = combined or item.user_agent is not None
                yield item
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise InvalidInput.at("file", f"{path.name} is damaged after line {number:,}: {error}") from error
    except FileNotFoundError as error:
        raise InvalidInput.at("file", f"There is no file {path}.") from error
    except OSError as error:
        raise InvalidInput.at("file", f"{path} can't be read: {error.strerror or error}.") from error


def _decompressed(file: io.BufferedReader) -> BinaryIO:
    start = file.peek(8)
    for magic, opener in _OPENERS.items():
        if start.startswith(magic):
            return io.BufferedReader(cast(io.RawIOBase, opener(file)), 1 << 18)
    return file


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


class _Keys:
    """Gives a line its key: a hash of its bytes and how often the same line stood before.

    Lines carry a time of one second, so equal ones are close together; what is further away than
    the window is forgotten, a generation at a time, which bounds the memory to 100,000 hashes.
    """

    def __init__(self) -> None:
        self._recent: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}

    def __call__(self, line: bytes) -> str:
        digest = blake2b(line, digest_size=16).digest()
        before = self._recent.get(digest) or self._older.get(digest, 0)
        if len(self._recent) == WINDOW:
            self._older, self._recent = self._recent, {}
        self._recent[digest] = before + 1
        if not before:
            return digest.hex()
        return blake2b(line, digest_size=16, salt=before.to_bytes(8, "big")).hexdigest()


class Pages:
    """Which hits are views of a page: a GET that succeeded (2xx, 304) on a path that counts.

    `pattern`: a regular expression found anywhere in the decoded path, without the query. Without
    one every path counts but those of files (images, scripts, styles, downloads, robots.txt,
    sitemap.xml, ...), feeds and addresses meant for programs. Raises InvalidInput on a bad pattern.
    """

    def __init__(self, pattern: str | None = None) -> None:
        self._pattern: re.Pattern[str] | None = None
        if pattern is None:
            return
        if not pattern:
            raise InvalidInput.at("pages", "The pattern of the pages that count is empty.")
        try:
            self._pattern = re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise InvalidInput.at(
                "pages", f"The pattern of the pages that count is no regular expression: {error}."
            ) from error

    def is_page(self, hit: Hit) -> bool:
        """True when the hit counts as a view."""
        if hit.method != "GET" or not (200 <= hit.status < 300 or hit.status == 304):
            return False
        path, query = _path_and_query(hit.target)
        if self._pattern:
            return self._pattern.search(path) is not None
        return not (_NOT_A_PAGE.search(path) or _FEED_QUERY.search(query))


def _path_and_query(target: str) -> tuple[str, str]:
    path, _, query = _ORIGIN.sub("", target, count=1).partition("#")[0].partition("?")
    return unquote(path), query
