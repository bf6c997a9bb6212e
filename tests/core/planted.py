"""The planted forms: ways in which an author's identity was seen in, or could get into, notebooks.

`FORMS` are ways to write one person; `PLACES` are places of a notebook; each form is planted in
each place. `HIDDEN` are pairs that need a place of their own. `RULES` has, for each rule, a
notebook from which something survives when that rule is switched off.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from PIL import Image, PngImagePlugin
from scrubbing_cases import a_notebook, code, fails, markdown, shows, stream

from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing import Rule, Scrubbed

AUTHOR = Identity("quokka42", "Alicia Renée Smithson", "a.smithson@uni.example.edu")
OTHERS = [
    Identity("bjones", "Robert Jones", "bob@uni.example.edu"),
    Identity("will", "Will May", "wm@uni.example.edu"),
    Identity("li", "李伟", "li@uni.example.edu"),
    Identity("ab", "X", "ab@uni.example.edu"),
    Identity("chen", "Jia Chen", "jc@uni.example.edu"),
    Identity(".+", "* (", ""),
]
ROSTER = [AUTHOR, *OTHERS]
_SECRETS = ("alicia", "renee", "smithson", "quokka42")


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FORMS: dict[str, str] = {
    "full name": "Alicia Smithson",
    "full name with the middle": "Alicia Renée Smithson",
    "middle initial": "Alicia R. Smithson",
    "last, first": "Smithson, Alicia",
    "upper case": "ALICIA SMITHSON",
    "lower case": "alicia smithson",
    "over two lines": "Alicia\nSmithson",
    "first name": "Alicia",
    "last name": "Smithson",
    "possessive": "Alicia's",
    "curly possessive": "Smithson’s",
    "plural": "Smithsons",
    "composed": "Ren\u00e9e",
    "decomposed": "Rene\u0301e",
    "without accent": "Renee",
    "full width": "Ａｌｉｃｉａ",
    "ligature": "Smithson and Aliciaﬀ".replace("ﬀ", ""),
    "zero-width space": "Ali\u200bcia",
    "zero-width joiner": "Smith\u200dson",
    "soft hyphen": "Smith\u00adson",
    "direction marks": "\u202aAlicia\u202c",
    "mathematical letters": "𝐀𝐥𝐢𝐜𝐢𝐚",
    "percent-encoded": "%41licia",
    "percent-encoded accent": "Ren%C3%A9e",
    "percent-encoded blank": "Alicia%20Smithson",
    "escaped": "\\u0041licia",
    "escaped bytes": "Ren\\xc3\\xa9e",
    "escaped accent": "Ren\\xe9e",
    "after an escaped line end": "by\\nalicia",
    "entity": "&#65;licia",
    "hexadecimal entity": "&#x41;licia",
    "named entity": "Ren&eacute;e",
    "non-breaking blank": "Alicia\u00a0Smithson",
    "camelCase": "aliciaSmithson",
    "PascalCase": "AliciaSmithson",
    "inside camelCase": "myAliciaNotes",
    "snake_case": "alicia_smithson",
    "inside snake_case": "plot_alicia_final",
    "kebab-case": "alicia-smithson",
    "dotted": "alicia.smithson",
    "joined": "aliciasmithson",
    "joined backwards": "smithsonalicia",
    "joined with an initial": "asmithson",
    "joined with a last initial": "smithsona",
    "joined with a number": "asmithson99",
    "inside a word": "thealiciasmithsonfile",
    "glued to a word": "aliciadata",
    "initial and last name": "A. Smithson",
    "initials and last name": "A.R. Smithson",
    "first name and initial": "Alicia S.",
    "last name and initial": "Smithson, A.",
    "e-mail": "a.smithson@uni.example.edu",
    "e-mail, upper case": "A.SMITHSON@UNI.EXAMPLE.EDU",
    "e-mail, spelled": "a.smithson [at] uni.example.edu",
    "e-mail, spelled out": "a.smithson at uni dot example dot edu",
    "e-mail with a tag": "a.smithson+hw1@uni.example.edu",
    "e-mail elsewhere": "alicia.smithson@mail.example.org",
    "percent-encoded e-mail": "a.smithson%40uni.example.edu",
    "user name": "quokka42",
    "user name, upper case": "QUOKKA42",
    "prompt": "quokka42@lab-17:~$ ls",
    "home": "~quokka42/hw1",
    "path": "/home/quokka42/hw1/solution.py",
    "path of a Mac": "/Users/Alicia Smithson/hw1/solution.py",
    "path of Windows": "C:\\Users\\quokka42\\hw1.py",
    "path of Windows in a repr": "C:\\\\Users\\\\quokka42\\\\hw1.py",
    "file URL": "file:///home/quokka42/hw1.py",
    "Hub server": "jupyter-quokka42",
    "URL": "https://hub.example.org/user/quokka42/lab",
    "base64": b64("Alicia Smithson"),
    "base64 in the middle": b64("this was written by Alicia Smithson in May"),
    "base64, short": b64("quokka42"),
    "base64, URL-safe": base64.urlsafe_b64encode("Renée Smithson~~??".encode()).decode(),
    "base64, UTF-16": base64.b64encode("Alicia Smithson".encode("utf-16-le")).decode(),
    "hexadecimal": b"Alicia Smithson".hex(),
}

PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "markdown": lambda it: a_notebook(markdown(f"Here is {it} now.")),
    "raw": lambda it: a_notebook({"cell_type": "raw", "metadata": {}, "source": f"so {it} too"}),
    "comment": lambda it: a_notebook(
        code("x = 1  # see " + it.replace("\n", "\n# ") + " here\ny = '#'")
    ),
    "stream": lambda it: a_notebook(code("f()", stream(f"a = 1\n{it}\nb\n"))),
    "text/plain": lambda it: a_notebook(code("f()", shows("text/plain", f"it: {it} !"))),
    "text/latex": lambda it: a_notebook(code("f()", shows("text/latex", f"$x$ {it} $y$"))),
    "text/markdown": lambda it: a_notebook(code("f()", shows("text/markdown", f"*x* {it} y"))),
    "html": lambda it: a_notebook(code("f()", shows("text/html", f"<p>so <b>{it}</b> said</p>"))),
    "html attribute": lambda it: a_notebook(
        code("f()", shows("text/html", f'<p title="so {it} said">x</p>'))
    ),
    "svg": lambda it: a_notebook(
        code("f()", shows("image/svg+xml", f"<svg><text x='1'>so {it} said</text></svg>"))
    ),
    "json": lambda it: a_notebook(
        code("f()", shows("application/json", {"a": ["b", f"c {it} d"]}))
    ),
    "json key": lambda it: a_notebook(code("f()", shows("application/json", {f"c {it} d": 1}))),
    "traceback": lambda it: a_notebook(code("f()", fails("Traceback", f"in {it} now", "x"))),
    "error": lambda it: a_notebook(code("f()", fails("x", evalue=f"no {it} there"))),
}

# What stands in HTML only, or in a terminal only.
HIDDEN: dict[str, dict[str, Any]] = {
    "tag inside": PLACES["html"]("Ali<b>cia</b>"),
    "tags inside": PLACES["html"]("<b>A</b>li<i><u>cia</u></i>"),
    "comment inside": PLACES["html"]("Ali<!-- x -->cia"),
    "tags between": PLACES["html"]("</b><td>Alicia</td> <td>Smithson</td><b>"),
    "tag inside another's name": PLACES["html"]('Robert <span title="Alicia">Jones</span>'),
    "emphasis inside": PLACES["markdown"]("Ali**cia**"),
    "emphasis around": PLACES["markdown"]("**Alicia** *Smithson*"),
    "colour inside": PLACES["stream"]("Ali\x1b[31mcia\x1b[0m"),
    "colour between": PLACES["traceback"]("\x1b[0;32mAlicia\x1b[0m \x1b[1mSmithson\x1b[0m"),
    "colour in a path": PLACES["traceback"]("File \x1b[0;32m/home/quokka42/x.py\x1b[0m:12"),
    "terminal title": PLACES["stream"]("\x1b]0;quokka42@lab: ~\x07$ "),
    "file in a traceback": PLACES["traceback"]('File "/srv/My Work (2)/quokka42/x.py", line 3'),
    "stream chunks": a_notebook(code("f()", stream("Ali"), stream("cia Smi"), stream("thson\n"))),
    "streams in turn": a_notebook(
        code("f()", stream("by Ali"), stream("warning\n", "stderr"), stream("cia\n"))
    ),
    "two outputs": a_notebook(code("f()", stream("Ali"), shows("text/plain", "cia"))),
    "three outputs": a_notebook(
        code("f()", shows("text/plain", "Smi"), shows("text/plain", "ths"), stream("on"))
    ),
    "long stream, then another": a_notebook(
        code("f()", stream("x " * 900 + "Smith"), shows("text/plain", "son " + "y " * 900))
    ),
    "traceback lines": a_notebook(code("f()", fails("by Alicia", "Smithson"))),
    "whoami": a_notebook(code("!whoami", stream("quokka42\n"))),
    "environment": a_notebook(
        code("%env", shows("text/plain", "{'USER': 'quokka42', 'HOME': '/home/quokka42'}"))
    ),
    "script in html": PLACES["html"]("<script>var who = 'Alicia'</script>"),
    "comment in svg": PLACES["svg"]("</text><!-- Alicia --><text>"),
    "title of svg": PLACES["svg"]("</text><title>Alicia</title><text>"),
    "creator of svg": PLACES["svg"](
        "</text><metadata><rdf:RDF><dc:creator>Alicia</dc:creator></rdf:RDF></metadata><text>"
    ),
    "export path of svg": PLACES["svg"](
        '</text><g inkscape:export-filename="/home/quokka42/plot.png" id="a"></g><text>'
    ),
    "id in svg": PLACES["svg"]('</text><g id="alicia-layer"></g><text>'),
    "svg in a data URI": PLACES["html"](
        f'<img src="data:image/svg+xml;base64,{b64("<svg><text>Alicia</text></svg>")}">'
    ),
    "base64 over lines": PLACES["stream"](
        base64.encodebytes(("x" * 50 + " Alicia Smithson " + "y" * 80).encode()).decode()
    ),
    "html in markdown": PLACES["markdown"]('<span data-author="Alicia">x</span>'),
}

METADATA: dict[str, Any] = {
    "authors": [{"name": "Alicia Smithson"}],
    "title": "Homework of Alicia",
    "kernelspec": {"name": "conda-env-alicia-py", "display_name": "Python (alicia)"},
    "language_info": {
        "name": "python",
        "version": "3.11.7",
        "codemirror_mode": {"name": "quokka42"},
    },
    "colab": {"provenance": [{"file_id": "1x", "timestamp": 17, "user": "alicia"}]},
    "vscode": {"interpreter": {"hash": "alicia"}},
    "papermill": {"input_path": "/home/quokka42/in.ipynb", "parameters": {}},
    "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": "Alicia"}}},
    "kaggle": {"accelerator": "none", "dataSources": [{"owner": "quokka42"}]},
    "toc": {"title_cell": "Alicia"},
    "jupytext": {"formats": "ipynb,alicia//py"},
    "celltoolbar": "Alicia",
    "nbTranslate": {"who": "alicia"},
    "varInspector": {"window": "alicia"},
    "orig_nbformat": 4,
    "signature": "sha256:alicia",
    "language": "alicia",
    "deepnote": {"user": "alicia"},
    "application/vnd.databricks.v1+notebook": {"notebookName": "Alicia"},
    "livereveal": {"theme": "alicia"},
    "interpreter": {"hash": "alicia"},
}
CELL_METADATA: dict[str, Any] = {
    "execution": {"iopub.execute_input": "2026-01-02T03:04:05.678901Z by alicia"},
    "executionInfo": {"user": {"displayName": "Alicia Smithson", "userId": "1"}},
    "tags": ["alicia"],
    "name": "alicia",
    "id": "alicia",
    "colab": {"base_uri": "https://localhost/alicia"},
    "papermill": {"duration": 1.5, "who": "alicia"},
    "slideshow": {"slide_type": "alicia"},
    "nbgrader": {"grade_id": "alicia-cell", "checksum": "alicia", "points": 2},
    "outputId": "alicia",
    "vscode": {"languageId": "alicia"},
    "jupyter": {"source_hidden": True, "who": "alicia"},
    "scrolled": True,
    "deletable": False,
    "ExecuteTime": {"end_time": "2026-01-02T03:04:05", "user": "alicia"},
}


def png(**text: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, value in text.items():
        info.add_text(key, value)
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 30, 40)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def picture(kind: str, *, orientation: int = 1) -> bytes:
    """A picture that names its author in every way its format has."""
    image = Image.new("RGB", (8, 6), (200, 30, 40))
    exif = Image.Exif()
    exif[0x013B] = "Alicia Smithson"
    exif[0x0112] = orientation
    xmp = b"<x:xmpmeta>Alicia Smithson</x:xmpmeta>"
    icc = b"Alicia Smithson" + bytes(140)
    out = io.BytesIO()
    if kind == "png":
        info = PngImagePlugin.PngInfo()
        info.add_text("Author", "Alicia Smithson")
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        image.save(out, "PNG", pnginfo=info, exif=exif, icc_profile=icc)
    elif kind == "jpeg":
        image.save(out, "JPEG", exif=exif, icc_profile=icc, comment=b"Alicia Smithson", xmp=xmp)
    elif kind == "gif":
        image.save(out, "GIF", comment=b"Alicia Smithson")
    else:
        image.save(out, "WEBP", exif=exif, icc_profile=icc, xmp=xmp)
    return out.getvalue() + b"Alicia Smithson"


def png_with_chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk before its pixels."""
    plain = png()
    chunk = struct.pack(">I", len(data)) + kind + data
    chunk += struct.pack(">I", zlib.crc32(kind + data))
    return plain[:33] + chunk + plain[33:]


def strings(value: Any) -> list[str]:
    """All strings of a JSON value, keys included."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
    return found


def names_author(value: Any) -> bool:
    """Whether a person who looks closely finds the author; written apart from the program."""
    texts = strings(value)
    outputs = strings(_outputs(value))
    for text in [*texts, "".join(outputs)]:
        for form in (text.lower(), _decoded(text), _decoded(text.replace("<", " "))):
            if any(secret in form for secret in _SECRETS):
                return True
    return False


def _outputs(value: Any) -> Any:
    """Texts of outputs in reverse order, which `strings` turns again."""
    cells = value.get("cells", []) if isinstance(value, dict) else []
    found = [
        output.get("text", output.get("data", {}).get("text/plain", ""))
        for cell in cells
        for output in cell.get("outputs", [])
    ]
    streams = [
        o.get("text", "")
        for c in cells
        for o in c.get("outputs", [])
        if "text" in o and o["name"] == "stdout"
    ]
    return [*streams, "|", *found][::-1]


def _decoded(text: str) -> str:
    text = re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", text)
    text = text.replace("<!-- x -->", "")
    text = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)
    text = text.replace("\\xc3\\xa9", "é").replace("\\xe9", "é").replace("*", "")
    text = unquote(html.unescape(re.sub(r"<[^<>]*>", "", text)))
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf"))
    decoded = [text.lower()]
    for run in re.findall(r"(?:[A-Za-z0-9+/_-]{8,}=*\n?)+", text):
        padded = run.replace("\n", "").translate(str.maketrans("-_", "+/")).rstrip("=")
        try:
            raw = base64.b64decode(padded + "=" * (-len(padded) % 4))
            decoded.append(raw.replace(b"\x00", b"").decode("utf-8", "ignore").lower())
            decoded.append(bytes.fromhex(run).decode("utf-8", "ignore").lower())
        except ValueError:
            continue
    return "\n".join(decoded)


def _kept(*rules: Rule) -> Callable[[Scrubbed], bool]:
    return lambda clean: any(f.rule in rules for f in clean.remaining)


def _holds(text: str) -> Callable[[Scrubbed], bool]:
    return lambda clean: text in json.dumps(clean.content, ensure_ascii=False)


_DOT = base64.b64encode(png(Author="Alicia")).decode()

# For each rule: a notebook, and what is true of it scrubbed only when the rule is off (or, for what
# is reported, only when it is on; see `REPORTING`).
RULES: dict[Rule, tuple[dict[str, Any], Callable[[Scrubbed], bool]]] = {
    Rule.NOTEBOOK_METADATA: (a_notebook(markdown("x"), vscode="v1"), _holds("v1")),
    Rule.CELL_METADATA: (
        a_notebook({**markdown("x"), "metadata": {"who": "w1"}}),
        _holds("w1"),
    ),
    Rule.OUTPUT_METADATA: (
        a_notebook(code("f()", {**shows("text/plain", "x"), "metadata": {"who": "w1"}})),
        _holds("w1"),
    ),
    Rule.CELL_IDS: (a_notebook({**markdown("x"), "id": "mine-1"}), _holds("mine-1")),
    Rule.EXECUTION_COUNTS: (a_notebook(code("f()", count=77)), _holds("77")),
    Rule.MEDIA_TYPES: (
        a_notebook(code("f()", shows("application/vnd.x", "w1"))),
        _holds("w1"),
    ),
    Rule.ATTACHMENT_NAMES: (
        a_notebook(markdown("![](attachment:me.png)", **{"me.png": {"image/png": _DOT}})),
        _holds("me.png"),
    ),
    Rule.IMAGES: (a_notebook(code("f()", shows("image/png", _DOT))), _holds(_DOT)),
    Rule.ACTIVE_CONTENT: (PLACES["html"]("<script>w1()</script>"), _holds("w1")),
    Rule.HIDDEN_MARKUP: (PLACES["svg"]("<metadata>2026-01-02</metadata>"), _holds("2026")),
    Rule.REMOTE_REFERENCES: (PLACES["html"]('<img src="https://w1.org/a.png">'), _holds("w1.org")),
    Rule.ADDRESSES: (PLACES["stream"]("<x.Y object at 0x7f12ab34cd56>"), _holds("0x7f12")),
    Rule.PATHS: (PLACES["stream"]("/home/stranger/x.py"), _holds("stranger")),
    Rule.EMAILS: (PLACES["stream"]("a.smithson@uni.example.edu"), _holds("uni.example.edu")),
    Rule.USERNAMES: (PLACES["stream"]("quokka42"), _holds("quokka42")),
    Rule.FULL_NAMES: (PLACES["stream"]("so Will May came"), _holds("Will May")),
    Rule.JOINED_NAMES: (PLACES["stream"]("smithsonalicia"), _holds("smithsonalicia")),
    Rule.BARE_NAMES: (PLACES["stream"]("so Alicia came"), _holds("Alicia")),
    Rule.INITIALS: (PLACES["stream"]("so A. Smithson came"), _holds("A.")),
    Rule.OTHER_PEOPLE: (PLACES["stream"]("so Robert Jones came"), _holds("Robert Jones")),
    Rule.UNICODE_FORMS: (PLACES["stream"]("so Ａｌｉｃｉａ came"), _holds("Ａｌｉｃｉａ")),
    Rule.ESCAPES: (PLACES["stream"]("so %41licia came"), _holds("%41licia")),
    Rule.MARKUP_IN_WORDS: (PLACES["html"]("Smith<i>son</i>"), _holds("Smith<i>son")),
    Rule.SPLIT_OUTPUTS: (a_notebook(code("f()", stream("Ali"), stream("cia"))), _holds("Ali")),
    Rule.ENCODED_TEXT: (PLACES["stream"](b64("Alicia Smithson")), _holds(b64("Alicia Smithson"))),
    Rule.NAMES_IN_CODE: (a_notebook(code("x = 'Alicia'")), _kept(Rule.NAMES_IN_CODE)),
    Rule.STRANGERS: (PLACES["markdown"]("write to zed@mail.org"), _kept(Rule.STRANGERS)),
    Rule.AUTHOR_PHRASES: (a_notebook(markdown("Author: Zed")), _kept(Rule.AUTHOR_PHRASES)),
    Rule.PICTURES: (a_notebook(code("f()", shows("image/png", _DOT))), _kept(Rule.PICTURES)),
}
REPORTING = frozenset([Rule.NAMES_IN_CODE, Rule.STRANGERS, Rule.AUTHOR_PHRASES, Rule.PICTURES])
