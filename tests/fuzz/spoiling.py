"""Well-formed input, spoilt: what real files and messages become on their way."""

from hypothesis import strategies as st

_WORDS = (
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'""', b"'", b";", b",", b"\t", b"\r", b"\n", b"-",
    b"--1", b"1e999999", b"NaN", b"Infinity", b"9" * 26, b"0x1F", b"0000-00-00", b"31.02.2024",
    b"9999-12-31", b"=1+1", b"null", b"[[[[[[[[", b"{}", b"\\u0000", b"\\ud800", "１２".encode(),
    "٣".encode(), "\u202e".encode(), "𝔘".encode(), b"%00", b"../../", b"<script>",
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """`whole` with a few places cut out, doubled, moved or written over."""
    text = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        part = draw(
            st.one_of(
                st.sampled_from(_WORDS),
                st.binary(max_size=12),
                st.just(text[start:end] * 2),
                st.just(bytes(byte ^ 0x20 for byte in text[start:end])),
            )
        )
        text = text[:start] + part + text[end:]
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text
