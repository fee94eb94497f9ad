"""HTML that administrators write and guests are shown, reduced to harmless elements.

The result is written anew from what was understood, all text escaped and every attribute quoted, from
elements without parsing modes of their own: a browser has nothing to read differently.
"""

from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

_ELEMENTS = frozenset(
    {
        *(
            "a",
            "abbr",
            "b",
            "blockquote",
            "br",
            "code",
            "dd",
            "div",
            "dl",
            "dt",
            "em",
            "h2",
            "h3",
            "h4",
            "hr",
        ),
        *("i", "img", "li", "ol", "p", "small", "span", "strong", "sub", "sup", "u", "ul"),
    }
)
_VOID = frozenset({"br", "hr", "img"})
# Their text is not for readers, so it goes with them.
_DROPPED_WHOLE = frozenset(
    {
        *("script", "style", "template", "textarea", "title", "noscript", "iframe", "object", "svg", "math"),
        *("select", "noembed", "noframes", "xmp", "audio", "video"),
    }
)
_ATTRIBUTES = {
    "a": frozenset({"href", "title"}),
    "img": frozenset({"src", "alt", "title", "width", "height"}),
    "abbr": frozenset({"title"}),
}
_SCHEMES = {"href": frozenset({"https", "http", "mailto", "tel"}), "src": frozenset({"https"})}
_DEEPEST = 50


def sanitised(html: str) -> str:
    """The allowed part of a piece of HTML, well formed; sanitising it again changes nothing."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.result()


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._dropped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WHOLE:
            self._dropped.append(tag)
        if self._dropped or tag not in _ELEMENTS or len(self._open) >= _DEEPEST:
            return
        self._out.append(f"<{tag}{''.join(_attributes(tag, attrs))}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._dropped:
            while self._dropped.pop() != tag:
                pass
        elif not self._dropped and tag in self._open:
            while (closed := self._open.pop()) != tag:
                self._out.append(f"</{closed}>")
            self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self._out.append(escape(data, quote=False))

    def result(self) -> str:
        return "".join(self._out) + "".join(f"</{tag}>" for tag in reversed(self._open))


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> list[str]:
    kept: dict[str, str] = {}
    for name, value in attrs:
        allowed = name in _ATTRIBUTES.get(tag, frozenset()) and name not in kept and value is not None
        if allowed and (name not in _SCHEMES or _is_safe_address(name, str(value))):
            kept[name] = str(value)
    if tag == "a" and "href" in kept:
        kept["rel"] = "noopener noreferrer"
        kept["target"] = "_blank"
    return [f' {name}="{escape(value)}"' for name, value in kept.items()]


def _is_safe_address(attribute: str, value: str) -> bool:
    if any(character.isspace() or not character.isprintable() for character in value):
        return False
    try:
        return urlsplit(value).scheme.lower() in _SCHEMES[attribute]
    except ValueError:
        return False
