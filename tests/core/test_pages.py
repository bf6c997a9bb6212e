"""The page of a notebook: shows everything, runs and fetches nothing, never fails."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from nightly import times
from page_checker import anchors, findings, texts
from scrubbing_cases import a_notebook, code, fails, markdown, shows, stream

from jupyter_social.core.notebooks import InvalidNotebook, read_notebook
from jupyter_social.core.pages import code as code_module
from jupyter_social.core.pages import formulas, markup, notebook_page, outputs, pictures, prose
from jupyter_social.core.pages import page as page_module
from jupyter_social.core.pages import printed as printed_module
from jupyter_social.core.pages.style import STYLE

PAYLOADS = [
    line.replace("\\e", "\x1b")
    for line in Path(__file__).with_name("xss_payloads.txt").read_text(encoding="utf-8").split("\n")
    if line and not line.startswith("## ")
]
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
HANGS = pytest.mark.timeout(120)
"""What grows with the square of these sizes would take minutes."""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'
Cell = dict[str, Any]


def page_of(*cells: Cell, title: str = "Problem set 1", **metadata: Any) -> str:
    """The page of a notebook, which is always looked through."""
    page = notebook_page(a_notebook(*cells, **metadata), title=title)
    assert findings(page) == []
    return page


def body_of(*cells: Cell, **more: Any) -> str:
    return page_of(*cells, **more).partition("</h1>")[2]


PLACES: dict[str, Callable[[str], Cell]] = {
    "Markdown": markdown,
    "a Markdown heading": lambda x: markdown(f"# {x}"),
    "a Markdown table": lambda x: markdown(f"| a |\n| - |\n| {x} |"),
    "a fenced block": lambda x: markdown(f"```python\n{x}\n```"),
    "the name of a language": lambda x: markdown(f"```{x}\nx = 1\n```"),
    "alternative text": lambda x: markdown(f"![{x}](data:image/png;base64,{PNG})"),
    "the address of a picture": lambda x: markdown(f"![x](<{x}>)"),
    "the address of a link": lambda x: markdown(f"[x](<{x}>)"),
    "the title of a link": lambda x: markdown(f"[x](http://a.example '{x}')"),
    "an attachment's name": lambda x: {
        **markdown(f"![x](attachment:{x})"),
        "attachments": {x: {"image/png": PNG}},
    },
    "an attachment": lambda x: {
        **markdown("![x](attachment:a)"),
        "attachments": {"a": {"image/png": x, x: x}},
    },
    "a formula": lambda x: markdown(f"${x}$"),
    "a formula's text": lambda x: markdown(f"$\\text{{{x}}}$ and $$\\mbox{{{x}}}$$"),
    "code": code,
    "a raw cell": lambda x: {"cell_type": "raw", "metadata": {}, "source": x},
    "a stream": lambda x: code("f()", stream(x)),
    "a coloured stream": lambda x: code("f()", stream(f"\x1b[31m{x}\x1b[0m")),
    "a warning": lambda x: code("f()", stream(x, "stderr")),
    "a traceback": lambda x: code("f()", fails(f"\x1b[1m{x}", x)),
    "an error's message": lambda x: code("f()", {**fails(evalue=x), "ename": x}),
    "HTML": lambda x: code("f()", shows("text/html", f"<p>shown</p>{x}")),
    "an attribute in HTML": lambda x: code("f()", shows("text/html", f'<p title="{x}">shown</p>')),
    "SVG": lambda x: code("f()", shows("image/svg+xml", f"<svg>{x}</svg>")),
    "LaTeX": lambda x: code("f()", shows("text/latex", x)),
    "an output in Markdown": lambda x: code("f()", shows("text/markdown", x)),
    "JSON": lambda x: code("f()", shows("application/json", {x: [x, {x: x}]})),
    "plain text": lambda x: code("f()", shows("text/plain", x)),
    "a picture": lambda x: code("f()", shows("image/png", x)),
    "a picture's text": lambda x: code(
        "f()",
        {
            "output_type": "display_data",
            "metadata": {"image/png": {"width": x, "height": 9}},
            "data": {"image/png": PNG, "text/plain": f"y {x}"},
        },
    ),
    "the name of a media type": lambda x: code("f()", shows(f"application/{x}", x)),
    "a cell's id": lambda x: {**markdown("x"), "id": x},
    "cell metadata": lambda x: {**code("f()"), "metadata": {x: x, "tags": [x]}},
}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_that_runs_or_fetches_is_on_the_page_wherever_it_was_put(place: str) -> None:
    for payload in PAYLOADS:
        assert findings(notebook_page(a_notebook(PLACES[place](payload)), title="x")) == [], payload


def test_titles_and_languages_are_only_text() -> None:
    for payload in PAYLOADS:
        notebook = a_notebook(
            code("x = 1"),
            kernelspec={"name": payload, "display_name": payload, "language": payload},
            language_info={"name": payload},
        )
        page = notebook_page(notebook, title=payload, language=payload)
        assert findings(page) == [], payload
        assert '<html lang="en">' in page


def test_the_corpus_is_large_and_has_no_line_twice() -> None:
    assert len(PAYLOADS) >= 150
    assert len(PAYLOADS) - len(set(PAYLOADS)) <= 1


def as_it_is(text: Any, *_: Any, **__: Any) -> Any:
    return text


def inlined(uri: str, alt: str, sizes: Any = None) -> str:
    return base64.b64decode(uri.partition(",")[2]).decode("utf-8", "replace")


# Each guard taken away: the module it is in, its name, what stands there instead, where it shows.
FAULTS: list[tuple[Any, str, Any, str]] = [
    (prose, "_parser", lambda **_: MarkdownIt("commonmark", {"html": True}), "Markdown"),
    (prose, "link", as_it_is, "the address of a link"),
    (prose, "own_data", as_it_is, "the address of a picture"),
    (prose, "escape", as_it_is, "Markdown"),
    (pictures, "escape", as_it_is, "alternative text"),
    (pictures, "_BASE64", bytes(range(256)), "an attachment"),
    (formulas, "escape", as_it_is, "a formula's text"),
    (formulas, "_ATTRIBUTES", frozenset(["href", "class", "style"]), "a formula"),
    (code_module, "escape", as_it_is, "code"),
    (code_module, "escape", as_it_is, "a fenced block"),
    (page_module, "escape", as_it_is, "a raw cell"),
    (page_module, "_CELL_ID", re.compile("(?s).*"), "a cell's id"),
    (page_module, "_CONTROLS", b"", "plain text"),
    (printed_module, "escape", as_it_is, "a stream"),
    (printed_module, "escape", as_it_is, "a coloured stream"),
    (printed_module, "escape", as_it_is, "a traceback"),
    (printed_module, "escape", as_it_is, "an error's message"),
    (outputs, "clean_html", as_it_is, "HTML"),
    (outputs, "clean_html", as_it_is, "an attribute in HTML"),
    (outputs, "image", inlined, "SVG"),
    (outputs, "escape", as_it_is, "JSON"),
    (outputs, "escape", as_it_is, "the name of a media type"),
    (markup, "_attribute", lambda _, __, value: value, "HTML"),
    (markup, "_HEADING", re.compile("(?!)()()"), "HTML"),
]


@pytest.mark.parametrize(
    ("module", "name", "fault", "place"),
    FAULTS,
    ids=[
        f"{module.__name__.rpartition('.')[2]}.{name}-{where}" for module, name, _, where in FAULTS
    ],
)
def test_a_guard_that_is_missing_is_noticed(
    module: Any, name: str, fault: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, fault)
    markup._cleaner.cache_clear()
    extra = ["\x07", "<h1>again</h1>", "<p style='color:red'>x</p>"]
    try:
        pages = [
            notebook_page(a_notebook(PLACES[place](payload)), title="x")
            for payload in [*PAYLOADS, *extra]
        ]
    finally:
        markup._cleaner.cache_clear()
    assert any(findings(page) for page in pages)


def test_a_title_that_is_not_escaped_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "escape", as_it_is)
    assert findings(notebook_page(a_notebook(), title="<script>alert(1)</script>"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TEXT = st.text(max_size=60) | st.sampled_from(PAYLOADS) | st.lists(st.text(), max_size=3)
MIMETYPES = st.sampled_from(
    [*outputs._ORDER, "application/vnd.x+json", "text/x", "image/tiff", "application/javascript"]
)
OUTPUT = st.one_of(
    st.fixed_dictionaries({"output_type": st.just("stream"), "name": TEXT, "text": TEXT}),
    st.fixed_dictionaries(
        {
            "output_type": st.just("error"),
            "ename": st.text(),
            "evalue": st.text(),
            "traceback": st.lists(st.text(), max_size=3),
        }
    ),
    st.fixed_dictionaries(
        {
            "output_type": st.sampled_from(["display_data", "execute_result"]),
            "data": st.dictionaries(MIMETYPES, TEXT | JSON, max_size=4),
            "metadata": st.dictionaries(MIMETYPES, JSON, max_size=2),
        }
    ),
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw"]), "source": TEXT},
    optional={
        "id": st.text(max_size=8) | st.sampled_from(["a", "b"]),
        "metadata": st.dictionaries(st.text(), JSON, max_size=2),
        "outputs": st.lists(OUTPUT, max_size=3),
        "execution_count": JSON,
        "attachments": st.dictionaries(
            st.text(), st.dictionaries(MIMETYPES, TEXT, min_size=1), max_size=2
        ),
    },
)
METADATA = st.dictionaries(
    st.sampled_from(["kernelspec", "language_info", "title"]) | st.text(), JSON
)


@given(st.lists(CELL, max_size=5), METADATA, st.text(), st.text())
@settings(max_examples=times(200), deadline=None, suppress_health_check=list(HealthCheck))
def test_every_notebook_that_is_read_has_a_page_with_an_anchor_for_each_cell(
    cells: list[Cell], metadata: dict[str, Any], title: str, language: str
) -> None:
    raw = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    try:
        content = read_notebook(json.dumps(raw).encode()).content
    except InvalidNotebook:
        return
    page = notebook_page(content, title=title, language=language)
    assert findings(page) == []
    wanted = [f"cell-{number}" for number in range(1, len(cells) + 1)]
    assert [name for name in anchors(page) if name.startswith("cell-")] == wanted
    assert [n for n in anchors(page) if n.startswith("c-")] == [
        f"c-{cell['id']}" for cell in content["cells"]
    ]


def test_a_cell_is_found_by_its_place_and_by_its_id() -> None:
    page = page_of(markdown("one"), {**code("two"), "id": "plot_2-b"})
    assert anchors(page) == ["cell-1", "c-old-0", "cell-2", "c-plot_2-b"]


def test_an_empty_notebook_is_told_in_a_sentence() -> None:
    assert "no cells yet" in texts(page_of())


@HANGS
def test_a_notebook_of_two_thousand_cells_is_shown() -> None:
    cells = [
        markdown("Some *prose* $x$") if n % 2 else code("x = 1", stream("1")) for n in range(2000)
    ]
    page = page_of(*cells)
    assert anchors(page)[-2:] == ["cell-2000", "c-old-1999"]


def test_prose_is_shown_with_headings_below_the_title() -> None:
    body = body_of(
        markdown("# One\n\n###### Six\n\n~~gone~~ *so*\n\n| a | b |\n|:-|-:|\n| 1 | 2 |")
    )
    for part in ("<h2>One</h2>", "<h6>Six</h6>", "<s>gone</s>", "<em>so</em>", "<th>", "<td"):
        assert part.rstrip(">") in body
    assert '<td style="text-align:right">2</td>' in body


def test_links_lead_elsewhere_in_a_new_window_or_nowhere() -> None:
    body = body_of(
        markdown("[a](https://a.example/x?y=1&z=2) <mailto:b@c.example> [c](ftp://x) [d](#e)")
    )
    assert (
        '<a href="https://a.example/x?y=1&amp;z=2" rel="noopener noreferrer" target="_blank">a</a>'
    ) in body
    assert 'href="mailto:b@c.example"' in body
    assert body.count("<a ") == 2
    assert " c d" in texts(body)


@pytest.mark.parametrize(
    "source",
    [
        "so $x^2$ is",
        "so $ x^2 $ is",
        "so $$x^2$$ is",
        r"so \(x^2\) is",
        r"so \\(x^2\\) is",
        "$$\nx^2\n= 4\n$$",
        "\\[\nx^2\n\\]",
        "\\begin{equation}\nx^2\n\\end{equation}",
        "- a list\n\n  $$\n  x^2\n  $$",
        "> $$x^2$$",
        "| a |\n| - |\n| $x^2$ |",
        r"$\displaystyle \frac{x^2}{2}$",
    ],
)
def test_formulas_are_mathml(source: str) -> None:
    body = body_of(markdown(source))
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in body
    assert "$" not in texts(body)


@pytest.mark.parametrize(
    ("name", "rows"),
    [("align", 2), ("aligned", 2), ("gather*", 2), ("cases", 2), ("bmatrix", 2), ("eqnarray", 2)],
)
def test_environments_have_their_rows_and_no_numbers(name: str, rows: int) -> None:
    body = body_of(
        markdown(f"$$\\begin{{{name}}} a &= b \\\\ c &= d \\label{{x}} \\end{{{name}}}$$")
    )
    assert body.count("<mtr>") == rows
    assert "(1)" not in texts(body)
    assert "label" not in texts(body)


@pytest.mark.parametrize(
    "broken",
    [
        r"\frac",
        r"{",
        r"x^2^2",
        r"\begin{align} a",
        r"\begin{unheard} a & b \end{unheard}",
        r"\newcommand{\a}{\b\b}\a",
        "{" * 300 + "x" + "}" * 300,
        r"\sqrt" * 600 + "x",
        "x+" * 3000,
    ],
)
def test_a_formula_that_cannot_be_converted_is_shown_as_it_was_written(broken: str) -> None:
    for source in (f"so ${broken}$ is", f"$$\n{broken}\n$$"):
        assert re.sub(r"\s", "", broken) in re.sub(r"\s", "", texts(body_of(markdown(source))))


def test_prices_are_no_formulas() -> None:
    body = body_of(markdown(r"From $5 to $6, or \$7 and \$8; US$9 is AU$10; `$x$`"))
    assert "<math" not in body
    assert "From $5 to $6, or $7 and $8; US$9 is AU$10; $x$" in texts(body)


def test_an_output_of_latex_is_a_formula_with_its_words() -> None:
    body = body_of(code("x", shows("text/latex", r"value: $\displaystyle \pi$ <b>")))
    assert "π" in texts(body)
    assert "value: " in texts(body)
    assert "<b>" in texts(body)


def test_colours_of_a_terminal_become_classes_and_no_escape_is_left() -> None:
    trace = [
        "\x1b[0;31mValueError\x1b[0m: \x1b[1;38;5;4mx\x1b[22;39m \x1b[43my\x1b[49m",
        "\x1b[2K\x1b[1Az",
    ]
    page = page_of(
        code("f()", fails(*trace), stream("\x1b]8;;http://x.example\x07l\x1b]8;;\x07 \x9b31mr"))
    )
    assert '<span class="ansi1">ValueError</span>: <span class="ansi4 bold">x</span>' in page
    assert '<span class="mark">y</span>' in page
    assert "\x1b" not in page
    assert "\x9b" not in page
    assert "x.example" not in page


def test_a_progress_bar_ends_where_it_ended() -> None:
    assert "100%\ndone" in texts(page_of(code("f()", stream("1%\r50%\r100%\r\ndone\n"))))
    assert "50%" not in page_of(code("f()", stream("1%\r50%\r100%\r\ndone\n")))


def test_an_error_without_traceback_is_told_in_one_line() -> None:
    assert "ValueError: too small" in texts(page_of(code("f()", fails(evalue="too small"))))


@pytest.mark.parametrize("mimetype", pictures.RASTER)
def test_a_picture_is_kept_byte_for_byte_with_its_size_and_words(mimetype: str) -> None:
    output = shows(mimetype, PNG[:40] + "\n" + PNG[40:] + "\n")
    output["data"]["text/plain"] = "<Figure size 640x480 with 1 Axes>"
    output["metadata"] = {mimetype: {"width": 320.4, "height": 10**9}}
    body = body_of(code("plot()", output))
    assert (
        f'src="data:{mimetype};base64,{PNG}" alt="Picture in the output of cell 1" width="320">'
        in body
    )


def test_svg_is_shown_as_a_picture_never_in_the_page() -> None:
    body = body_of(code("plot()", shows("image/svg+xml", SVG)))
    encoded = base64.b64encode(SVG.encode()).decode()
    assert f'<img src="data:image/svg+xml;base64,{encoded}"' in body
    assert "<rect" not in body


def test_attachments_and_data_are_shown_and_other_pictures_become_their_words() -> None:
    cell = markdown(
        f"![one](attachment:my%20plot.png) ![two](data:image/png;base64,{PNG}) "
        "![three](https://x.example/a.png) ![four](attachment:none) ![five](plot.png)",
    )
    cell["attachments"] = {"my plot.png": {"image/png": PNG}}
    body = body_of(cell)
    assert body.count(f'<img src="data:image/png;base64,{PNG}"') == 2
    assert "three four five" in texts(body)


def test_the_richest_form_that_can_be_shown_is_shown() -> None:
    output = shows("text/html", "<script>draw()</script>")
    output["data"] |= {"image/png": PNG, "text/plain": "plain"}
    assert "<img" in body_of(code("f()", output))
    output["data"]["text/html"] = "<table><tr><td>1</td></tr></table>"
    body = body_of(code("f()", output))
    assert "<table>" in body
    assert "<img" not in body
    assert "plain" not in texts(body)


def test_what_cannot_be_shown_is_said_in_words() -> None:
    body = texts(body_of(code("f()", shows("application/vnd.jupyter.widget-view+json", {"a": 1}))))
    assert "cannot be shown here" in body
    assert "application/vnd.jupyter.widget-view+json" in body


def test_json_is_shown_with_its_structure() -> None:
    assert '{\n  "a": [\n    1\n  ]\n}' in texts(
        body_of(code("f()", shows("application/json", {"a": [1]})))
    )


def test_tables_of_html_keep_their_shape_and_lose_the_rest() -> None:
    html = (
        "<div><style scoped>.x{}</style><table border=1 class=dataframe id=t><thead><tr style="
        '"text-align: right; color: red"><th colspan=2>a</th></tr></thead></table><h1>T</h1>'
        '<a href="http://a.example/?b=1&c=2">l</a><img src=http://x.example alt="gone"></div>'
    )
    body = body_of(code("f()", shows("text/html", html)))
    assert '<table><thead><tr style="text-align: right"><th colspan="2">a</th></tr></thead>' in body
    assert "<h2>T</h2>" in body
    assert 'href="http://a.example/?b=1&c=2"' in body
    assert "gone" in texts(body)
    assert "scoped" not in body


@pytest.mark.parametrize(
    "beside", ["", "1 < 2", "x <- 3 > 2", "<!DOCTYPE html>", "<!-- so -->", "<svg><g></g></svg>"]
)
def test_html_of_many_elements_is_shown_whatever_stands_beside_it(beside: str) -> None:
    html = beside + "<div><span>one</span><b>two</b></div>\n" * 200
    assert texts(body_of(code("f()", shows("text/html", html)))).count("onetwo") == 200


def test_code_is_coloured_by_its_language() -> None:
    assert '<span class="k">def</span>' in page_of(code("def f(): return '<'  # so"))
    assert '<span class="c"># so</span>' in page_of(code("def f(): return '<'  # so"))
    java = {"kernelspec": {"name": "java", "display_name": "J", "language": "java"}}
    assert '<span class="c">// so</span>' in page_of(code('int x = "<"; // so'), **java)
    odd = {"language_info": {"name": "brainfuck"}}
    assert "<code>def f</code>" in page_of(code("def f"), **odd)


@pytest.mark.parametrize("language", ["python", "java", "r", "julia", "sql", "bash", "haskell"])
def test_code_is_all_there_whatever_it_is(language: str) -> None:
    source = 'x = """a\n\nb" \'c\' # d\n\t/* e */ // f\n`g` $h \\i\n\n' + "y" * 5000 + "\n€ ≠ 𝔸"
    page = page_of(code(source), language_info={"name": language})
    assert source in texts(page)


def test_raw_cells_are_plain_text() -> None:
    cell = {"cell_type": "raw", "metadata": {}, "source": "# no *heading* $x$"}
    assert "# no *heading* $x$" in texts(body_of(cell))


def test_a_prompt_tells_the_count() -> None:
    assert '<p class="prompt">[3]</p>' in page_of(code("x", count=3))
    assert '<p class="prompt">[ ]</p>' in page_of(code("x"))


def test_an_output_above_a_mebibyte_is_cut_with_a_note() -> None:
    body = texts(body_of(code("f()", stream("x" * (2**20 + 500_000)))))
    assert body.count("x") < 2**20 + 100
    assert "0.5 million characters more" in body


def test_a_page_that_is_too_long_says_which_cells_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_module, "MAX_PAGE", 1000)
    page = page_of(*[markdown("word " * 100) for _ in range(5)])
    assert "page is too long" in page
    assert "cell-5" in anchors(page)


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<ul><li>", "<font color=1><p>", "<div></x>", "<div title='</div>'>",
     "<!--</div>--><div>", "&", "&a", "\x9b", "<b><p></b>", "<table><tr><td>", "<div <div>",
     "<a href=x><p>", '<div title="></div>">', '<div a" title=" ></div>">',
     '<div a=b=" title=" ></div>">', "<div a='\"' b=\"></div>\">", "<div a=1></div a=\">\">"],
)  # fmt: skip
@HANGS
def test_html_that_is_meant_to_take_long_does_not(piece: str) -> None:
    output = shows("text/html", piece * (900_000 // len(piece)))
    page_of(code("f()", output))


@pytest.mark.parametrize(
    "piece",
    ["$", "$$\n", "\\(", "\\[\n", "\\begin{align}\n", "[", "![", "> ", "- ", "`a``", "*a_", "|"],
)
@HANGS
def test_markdown_that_is_meant_to_take_long_is_bounded(piece: str) -> None:
    page_of(markdown(piece * (60_000 // len(piece))), markdown(piece * (900_000 // len(piece))))


def test_every_colour_of_text_can_be_read_on_every_ground() -> None:
    light, dark = (dict(re.findall(r"--(\w+): (#\w{6})", part)) for part in _schemes())
    inks = ["ink", "quiet", "link", "keyword", "string", "number", "name", "builtin"]
    inks += ["red", "green", "yellow", "blue", "magenta", "cyan"]
    for scheme in (light, dark):
        for ink in inks:
            for ground in ("paper", "code", "warning", "error"):
                assert _contrast(scheme[ink], scheme[ground]) >= 4.5, (ink, ground)
        assert _contrast(scheme["ink"], scheme["mark"]) >= 4.5


def _schemes() -> tuple[str, str]:
    light, _, rest = STYLE.partition("@media (prefers-color-scheme: dark)")
    return light, rest.partition("@media")[0]


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_style_fetches_nothing() -> None:
    assert not re.search(r"url|@import|@font-face|expression|<|http", STYLE)


def test_the_libraries_are_loaded_with_the_first_page_only() -> None:
    script = (
        "import sys, jupyter_social.core.pages\n"
        "print([m for m in ('nh3', 'markdown_it', 'pygments', 'latex2mathml') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"
