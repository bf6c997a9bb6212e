"""Scrubbing: what is planted is gone or reported, what is code stays, what is clean stays clean."""

from __future__ import annotations

import base64
import copy
import io
import json
import tokenize
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nightly import times
from PIL import Image
from planted import (
    AUTHOR,
    CELL_METADATA,
    FORMS,
    HIDDEN,
    METADATA,
    PLACES,
    REPORTING,
    ROSTER,
    RULES,
    b64,
    names_author,
    picture,
    png,
    png_with_chunk,
    strings,
)
from scrubbing_cases import (
    SeededRandom,
    a_notebook,
    code,
    common_roster,
    fails,
    markdown,
    shows,
    stream,
)

from jupyter_social.core.notebooks import Notebook
from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing import ALL_RULES, Finding, Rule, Scrubbed, Scrubber

SCRUBBER = Scrubber(ROSTER)


def scrub(
    notebook: dict[str, Any],
    *,
    authors: list[str] | None = [AUTHOR.username],  # noqa: B006
    scrubber: Scrubber = SCRUBBER,
    grade_ids: frozenset[str] = frozenset(),
) -> Scrubbed:
    before = copy.deepcopy(notebook)
    clean = scrubber.scrub(notebook, authors=authors, random=SeededRandom(), grade_ids=grade_ids)
    assert notebook == before, "the input was changed"
    nbformat.validate(nbformat.from_dict(clean.content))
    return clean


def text_of(clean: Scrubbed) -> str:
    return "\n".join(strings(clean.content))


def in_markdown(text: str, **kwargs: Any) -> str:
    return str(scrub(a_notebook(markdown(text)), **kwargs).content["cells"][0]["source"])


# What is planted is gone.


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", FORMS)
def test_a_planted_form_is_gone_and_was_there_before(form: str, place: str) -> None:
    notebook = PLACES[place](FORMS[form])
    assert names_author(notebook) or form.startswith(("base64", "hexadecimal", "e-mail"))
    clean = scrub(notebook)
    assert FORMS[form] not in text_of(clean)
    assert not names_author(clean.content), clean.content
    assert clean.removed


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_gone_when_everybody_may_be_the_author(form: str) -> None:
    if form in ("inside a word", "glued to a word"):
        pytest.skip("looked for only where the author is known")
    clean = scrub(PLACES["stream"](FORMS[form]), authors=None)
    assert not names_author(clean.content)


@pytest.mark.parametrize("case", HIDDEN)
def test_a_hidden_name_is_gone_and_was_there_before(case: str) -> None:
    assert names_author(HIDDEN[case])
    assert not names_author(scrub(HIDDEN[case]).content)


@pytest.mark.parametrize("key", METADATA)
def test_metadata_of_the_notebook_is_gone(key: str) -> None:
    notebook = a_notebook(markdown("x"), **{key: METADATA[key]})
    clean = scrub(notebook)
    assert clean.content["metadata"].keys() <= {"kernelspec", "language_info"}
    assert not names_author(clean.content)
    assert [f.rule for f in clean.removed] == [Rule.NOTEBOOK_METADATA]


@pytest.mark.parametrize("key", CELL_METADATA)
def test_metadata_of_a_cell_is_gone(key: str) -> None:
    cell = {**code("x = 1"), "metadata": {key: CELL_METADATA[key]}}
    clean = scrub(a_notebook(cell))
    assert clean.content["cells"][0]["metadata"] == {}
    assert [f.rule for f in clean.removed] == [Rule.CELL_METADATA]


def test_a_grade_id_of_the_template_stays_without_its_companions() -> None:
    cell = {**code("x"), "metadata": {"nbgrader": {"grade_id": "q1", "points": 3, "checksum": "c"}}}
    clean = scrub(a_notebook(cell), grade_ids=frozenset(["q1"]))
    assert clean.content["cells"][0]["metadata"] == {"nbgrader": {"grade_id": "q1"}}


@pytest.mark.parametrize("rule", sorted(ALL_RULES))
def test_switching_off_a_rule_lets_something_survive(rule: Rule) -> None:
    notebook, survives = RULES[rule]
    on = scrub(notebook)
    authors = ["will"] if rule is Rule.FULL_NAMES else [AUTHOR.username]
    on = scrub(notebook, authors=authors)
    off = scrub(notebook, authors=authors, scrubber=Scrubber(ROSTER, rules=ALL_RULES - {rule}))
    if rule in REPORTING:
        assert survives(on)
        assert not survives(off)
    else:
        assert not survives(on)
        assert survives(off)


# Code keeps its meaning.


@pytest.mark.parametrize("form", FORMS)
def test_a_form_in_a_string_of_code_stays_and_is_reported(form: str) -> None:
    source = f"x = {FORMS[form]!r}"
    clean = scrub(a_notebook(code(source)))
    assert clean.content["cells"][0]["source"] == source
    assert any(f.cell == 0 and f.place == "source" for f in clean.remaining), source


@pytest.mark.parametrize(
    "source",
    [
        "alicia_data = 1",
        "aliciaData = 1",
        "class AliciaSmithson: pass",
        "def smithson(): pass",
        'def f():\n    """By Alicia."""',
        "!ls /home/quokka42",
        "%cd /home/quokka42/work",
        "%%bash\necho Alicia # Alicia",
        "x = !whoami quokka42",
        "aliciadata = 2",
        "open('/home/zed/x.csv')",
        "x = (  # Alicia\n 'Alicia'",
    ],
)
def test_names_in_code_are_reported(source: str) -> None:
    clean = scrub(a_notebook(code(source)))
    kept = clean.content["cells"][0]["source"]
    assert kept.replace("[name]", "Alicia") == source
    assert any(f.rule == Rule.NAMES_IN_CODE for f in clean.remaining)


@pytest.mark.parametrize(
    ("source", "cleaned"),
    [
        ("x = 1  # Alicia", "x = 1  # [name]"),
        ("x = '# Alicia'  # Alicia", "x = '# Alicia'  # [name]"),
        ('x = """\n# Alicia\n"""  # Alicia', 'x = """\n# Alicia\n"""  # [name]'),
        ("x = 'it\\'s # Alicia'", "x = 'it\\'s # Alicia'"),
        ("x = f'{a[\"#\"]} # Alicia'", "x = f'{a[\"#\"]} # Alicia'"),
        ("%time f()\n# Alicia", "%time f()\n# [name]"),
        ("!ls # Alicia\n# Alicia", "!ls # Alicia\n# [name]"),
        ("f(  # Alicia\n  'x", "f(  # [name]\n  'x"),
        ("x = 'open # Alicia\n# Alicia", "x = 'open # Alicia\n# [name]"),
        ("x = r'\\' # Alicia'  # Alicia", "x = r'\\' # Alicia'  # [name]"),
        ("# Alicia\r\nx = 1", "# [name]\r\nx = 1"),
        ("#Alicia\n\n#\tSmithson\n", "#[name]\n\n#\t[name]\n"),
    ],
)
def test_only_comments_change(source: str, cleaned: str) -> None:
    assert scrub(a_notebook(code(source))).content["cells"][0]["source"] == cleaned


@pytest.mark.parametrize(
    ("language", "source", "cleaned"),
    [
        ("R", "x <- 'a # Alicia' # Alicia", "x <- 'a # Alicia' # [name]"),
        ("julia", 'y = x\' # Alicia\nz = "# Alicia"', 'y = x\' # [name]\nz = "# Alicia"'),
        ("julia", "#= by\nAlicia =# x", "#= by\nAlicia =# x"),
        ("brainfuck", "# Alicia", "# Alicia"),
    ],
)
def test_comments_of_other_languages(language: str, source: str, cleaned: str) -> None:
    notebook = a_notebook(code(source), language_info={"name": language})
    clean = scrub(notebook)
    assert clean.content["cells"][0]["source"] == cleaned
    assert cleaned.count("Alicia") == 0 or clean.remaining


# What is nobody's stays.


@pytest.mark.parametrize(
    "text",
    [
        "May I? Will it mark the list? li and ab, 1/2 and/or either/or a/b/c ./x ../y ~/work",
        "Robert said so, and jones too; Jones agreed.",
        "https://docs.python.org/3/home/alice/index.html and http://localhost:8888/tree/home",
        "x = 0xff and 0xdeadbeef and #fff and 10^-3, 50% of 20%",
        "chalice, malicious, smithsonite and blacksmith are words",
        "A.S. and R. were letters; the a.s.a.p. thing",
        "[name] wrote to [email] from [path]",
        "$\\alpha \\\\ \\beta$ and `C:` and `\\n`",
        "TypeError: unsupported operand type(s) for /: 'str' and 'int'",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    for notebook in (PLACES["markdown"](text), PLACES["stream"](text)):
        clean = scrub(notebook)
        assert text.split("; the a.s")[0] in text_of(clean)
        assert not clean.removed


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Robert Jones and bob@uni.example.edu", "[name] and [email]"),
        ("Jones, Robert wrote RobertJones", "[name] wrote [name]"),
        ("bjones's code", "[user]'s code"),
        ("will@uni.example.edu or /home/will/x", "[email] or [path]"),
        ("li@server:~$ ls and submitted/li/ps1", "[user]@server:~$ ls and submitted/[user]/ps1"),
        ("USER=ab", "USER=[user]"),
        ("Chen (2020), chen@hub:~$, CHEN", "Chen (2020), [user]@hub:~$, CHEN"),
        ("由李伟编写", "由[name]编写"),
        ("Will May came; will may be", "[name] came; will may be"),
    ],
)
def test_other_people_go_by_full_name_user_name_or_email(text: str, cleaned: str) -> None:
    assert in_markdown(text) == cleaned


def test_a_doubtful_name_of_the_author_goes_where_it_reads_as_a_name() -> None:
    assert in_markdown("Author: Will", authors=["will"]) == "Author: [name]"
    assert in_markdown("by May", authors=["will"]) == "by [name]"
    assert in_markdown("Will's idea", authors=["will"]) == "[name]'s idea"
    assert in_markdown("W. May; will.may; WillMay", authors=["will"]) == "[name]; [name]; [name]"


def test_a_doubtful_name_of_the_author_is_reported_elsewhere() -> None:
    clean = scrub(a_notebook(markdown("Yesterday Will went. It was May.")), authors=["will"])
    assert "Will went" in text_of(clean)
    assert {f.what for f in clean.remaining} >= {"Will", "May"}
    assert {f.rule for f in clean.remaining} <= {Rule.BARE_NAMES, Rule.USERNAMES}


@pytest.mark.parametrize(
    ("name", "text", "cleaned"),
    [
        ("Jürgen Müller", "Juergen Mueller, JURGEN MULLER", "[name], [name]"),
        ("Bernd Weißkopf", "WEISSKOPF und Weisskopf", "[name] und [name]"),
        ("İpek Işık", "IPEK ISIK, ipek ışık", "[name], [name]"),
        ("Siobhán O'Brien", "Siobhan OBrien, O’Brien", "[name], [name]"),
        ("Jean-Luc Moreau", "jean luc moreau, Jean-Luc", "[name], [name]"),
        ("Brian O'Dea", "odea, ODea and O’Dea", "[name], [name] and [name]"),
        ("Ursula von der Leyen", "vonderleyen, UrsulaVonDerLeyen", "[name], [name]"),
        ("Ana de la Cruz", "Ana de la Cruz; Cruz, Ana", "[name]; [name]"),
        ("Мария Кузнецова", "Автор: Мария Кузнецова", "Автор: [name]"),
        ("محمد أحمد", "كتبه محمد أحمد", "كتبه [name]"),
        ("김 민수", "김민수는", "[name]는"),
        ("王小明", "作者王小明。", "作者[name]。"),
        ("Łukasz Wójcik", "Lukasz Wojcik", "[name]"),
        ("Søren Ødegård", "Soren Odegard, Søren", "[name], [name]"),
        ("Ngũgĩ wa Thiong'o", "ngugi wa thiongo", "[name]"),
    ],
)
def test_names_of_many_scripts(name: str, text: str, cleaned: str) -> None:
    scrubber = Scrubber([Identity("u7777", name, "")])
    assert in_markdown(text, authors=["u7777"], scrubber=scrubber) == cleaned


@pytest.mark.parametrize(
    "odd", ["*", ".+", "(", "[", "\\", "X", "", " ", "a" * 5000, "’", "\u0301"]
)
def test_odd_names_are_safe(odd: str) -> None:
    scrubber = Scrubber([Identity(odd or "u", odd, odd), Identity("zed", f"{odd} {odd}", "@")])
    text = "x * (y) .+ [z] a \\ b’s e\u0301"
    assert in_markdown(text, authors=None, scrubber=scrubber) == text


@pytest.mark.parametrize("tag", ["<x-y></x-y>", "<my-tag a='b'>", "<x-y/>", "<b></b>"])
def test_a_tag_inside_a_name_does_not_hide_it(tag: str) -> None:
    for place in ("markdown", "html", "svg"):
        left = text_of(scrub(PLACES[place](f"Ali{tag}cia")))
        assert "[name]" in left
        assert "cia" not in left


def test_a_path_with_blanks_goes_as_a_whole() -> None:
    assert in_markdown("in /Users/Al Smi/My Work/x.py now") == "in [path] now"
    assert in_markdown("in /tmp/x and Y, /home/a B or C") == "in [path] and Y, [path] B or C"


# Pictures.


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
def test_a_picture_keeps_its_pixels_only(kind: str) -> None:
    data = picture(kind)
    assert b"Alicia" in data
    clean = scrub(a_notebook(code("f()", shows(f"image/{kind}", base64.b64encode(data).decode()))))
    kept = base64.b64decode(clean.content["cells"][0]["outputs"][0]["data"][f"image/{kind}"])
    assert b"Alicia" not in kept
    assert b"xmp" not in kept.lower()
    with Image.open(io.BytesIO(kept)) as new, Image.open(io.BytesIO(data)) as old:
        assert new.convert("RGB").tobytes() == old.convert("RGB").tobytes()
        assert not new.getexif()
        assert not new.info.keys() & {"exif", "xmp", "icc_profile", "comment", "Author"}
    assert Rule.PICTURES in {f.rule for f in clean.remaining}


def test_a_turned_photograph_stays_turned() -> None:
    data = picture("jpeg", orientation=6)
    clean = scrub(a_notebook(code("f()", shows("image/jpeg", base64.b64encode(data).decode()))))
    kept = base64.b64decode(clean.content["cells"][0]["outputs"][0]["data"]["image/jpeg"])
    assert b"Alicia" not in kept
    with Image.open(io.BytesIO(kept)) as new:
        assert new.size == (6, 8)


@pytest.mark.parametrize("chunk", [b"tIME", b"eXIf", b"zTXt", b"prVt", b"iCCP", b"acTL", b"pHYs"])
def test_a_chunk_of_a_png_that_draws_nothing_goes(chunk: bytes) -> None:
    data = png_with_chunk(chunk, b"Alicia Smithson")
    clean = scrub(a_notebook(code("f()", shows("image/png", base64.b64encode(data).decode()))))
    kept = base64.b64decode(clean.content["cells"][0]["outputs"][0]["data"]["image/png"])
    assert kept == png()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        png()[:40],
        picture("jpeg")[:200],
        picture("gif")[:20],
        b"RIFF\xff\xff\xff\xffWEBP",
        # 65,535 x 65,535 pixels
        png()[:16] + b"\x00\x00\xff\xff\x00\x00\xff\xff" + png()[24:],
    ],
)
def test_what_is_no_picture_is_not_kept(data: bytes) -> None:
    clean = scrub(a_notebook(code("f()", shows("image/png", base64.b64encode(data).decode()))))
    assert clean.content["cells"][0]["outputs"][0]["data"].keys() == {"text/plain"}
    assert Rule.IMAGES in {f.rule for f in clean.removed}


def test_pictures_in_attachments_html_and_markdown_are_cleaned() -> None:
    encoded = base64.b64encode(picture("png")).decode()
    notebook = a_notebook(
        markdown("![x](attachment:Alicia%20S.png)", **{"Alicia S.png": {"image/png": encoded}}),
        markdown(f"![](data:image/png;base64,{encoded})"),
        code("f()", shows("text/html", f'<img src="data:image/png;base64,{encoded}">')),
        code("f()", stream(f"{encoded}\n")),
    )
    clean = scrub(notebook)
    cells = clean.content["cells"]
    plain = base64.b64encode(png()).decode()
    assert cells[0]["source"] == "![x](attachment:attachment-001)"
    assert base64.b64decode(cells[0]["attachments"]["attachment-001"]["image/png"]) == png()
    assert cells[1]["source"] == f"![](data:image/png;base64,{plain})"
    assert cells[2]["outputs"][0]["data"]["text/html"].endswith(f'base64,{plain}">')
    assert cells[3]["outputs"][0]["text"] == f"{plain}\n"


# Markup.


@pytest.mark.parametrize(
    "payload",
    [
        '<img src="https://evil.example/a.png">',
        "<IMG SRC=//evil.example/a.png>",
        '<img srcset="https://evil.example/a.png 2x">',
        '<img src="ht\ntps://evil.example/a.png">',
        "<img src=&#104;ttps://evil.example/a.png>",
        '<link rel="stylesheet" href="https://evil.example/a.css">',
        '<iframe src="https://evil.example"></iframe>',
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<base href="https://evil.example">',
        '<p style="background: url(https://evil.example/a.png)">x</p>',
        '<p style="background: \\75rl(https://evil.example/a.png)">x</p>',
        "<style>@import 'https://evil.example/a.css'; p {color: red}</style>",
        "<style>@font-face {src: url(https://evil.example/f)}</style>",
        '<a href="#x" ping="https://evil.example">x</a>',
        '<video poster="https://evil.example"><source src="https://evil.example/v"></video>',
        '<object data="https://evil.example"></object>',
        '<embed src="https://evil.example">',
        '<table background="https://evil.example">x</table>',
        '<form action="https://evil.example"><button formaction="https://evil.example"></form>',
        '<svg><image href="https://evil.example/a.png"/></svg>',
        '<svg><image xlink:href="https://evil.example/a.png"/></svg>',
        '<svg><use href="https://evil.example/a.svg#x"/></svg>',
        '<svg><foreignObject><img src="https://evil.example"></foreignObject></svg>',
        '<svg fill="url(https://evil.example/a.svg#x)"></svg>',
        "<p onclick=\"fetch('https://evil.example')\">x</p>",
        "<script src=https://evil.example></script>",
        "<script>fetch('https://evil.example')",
        '<img src="https://evil.example/a.png" alt="a>b">',
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "https://evil.example">]>',
        '<?xml-stylesheet href="https://evil.example"?>',
        "<a href=\"javascript:fetch('https://evil.example')\">x</a>",
    ],
)
def test_nothing_is_fetched_or_run(payload: str) -> None:
    for notebook in (PLACES["html"](payload), PLACES["svg"](payload)):
        clean = scrub(notebook)
        left = text_of(clean)
        assert "evil" not in left, left
        again = scrub(clean.content)
        assert not again.removed


def test_an_unfinished_tag_is_shown_as_text() -> None:
    clean = scrub(a_notebook(code("f()", shows("text/html", '<img src="https://evil.example'))))
    assert "<img" not in text_of(clean)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("![a plot](https://x.org/a.png)", "a plot"),
        ("![a](<https://x.org/a b.png> 't')", "a"),
        ("![a](//x.org/a.png)", "a"),
        ("![a][r]\n\n[r]: https://x.org/a.png", "a\n\n[r]: https://x.org/a.png"),
        ("![r]\n\n[r]: https://x.org/a.png", "r\n\n[r]: https://x.org/a.png"),
        ("![a](images/plot.png) [b](https://x.org)", "![a](images/plot.png) [b](https://x.org)"),
        ("<img src='https://x.org/a.png' width=3>", "<img width=3>"),
    ],
)
def test_markdown_shows_no_remote_pictures(text: str, cleaned: str) -> None:
    assert in_markdown(text) == cleaned


def test_what_html_shows_stays() -> None:
    table = (
        "<div>\n<style scoped>\n    .dataframe tbody tr th {\n        vertical-align: top;\n    }\n"
        '</style>\n<table border="1" class="dataframe">\n  <thead>\n    <tr style="text-align: '
        'right;">\n      <th></th>\n      <th>a</th>\n    </tr>\n  </thead>\n</table>\n</div>'
    )
    drawing = (
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="4pt" viewBox="0 0 4 4" '
        'xmlns="http://www.w3.org/2000/svg" version="1.1"><defs><style type="text/css">*{stroke-'
        'linejoin: round}</style><clipPath id="p1"><rect x="1" y="1" width="2" height="2"/>'
        '</clipPath></defs><g id="figure_1"><path d="M 0 0 L 4 4 z" clip-path="url(#p1)" '
        'style="fill: #ffffff"/><use xlink:href="#p1" x="1"/></g></svg>'
    )
    for mimetype, text in (("text/html", table), ("image/svg+xml", drawing)):
        clean = scrub(a_notebook(code("f()", shows(mimetype, text))))
        assert clean.content["cells"][0]["outputs"][0]["data"][mimetype] == text
        assert not clean.removed


# Outputs.


def test_traceback_paths_keep_their_neutral_end() -> None:
    line = 'File "/home/zed/.venv/lib/python3.11/site-packages/numpy/core.py", line 3'
    clean = scrub(a_notebook(code("f()", fails(line))))
    shown = clean.content["cells"][0]["outputs"][0]["traceback"][0]
    assert shown == 'File "…/site-packages/numpy/core.py", line 3'


def test_counts_of_execution_are_renumbered_everywhere() -> None:
    result = {**shows("text/plain", "1"), "output_type": "execute_result", "execution_count": 41}
    notebook = a_notebook(
        code("a", result, count=41),
        code("b"),
        code("c", fails("Cell In[97], line 1", "<ipython-input-97-0a1b2c>"), count=97),
    )
    cells = scrub(notebook).content["cells"]
    assert [cell["execution_count"] for cell in cells] == [1, None, 2]
    assert cells[0]["outputs"][0]["execution_count"] == 1
    assert cells[2]["outputs"][0]["traceback"] == ["Cell In[2], line 1", "<ipython-input>"]


@pytest.mark.parametrize(
    "mimetype",
    [
        "application/javascript",
        "application/vnd.jupyter.widget-view+json",
        "application/vnd.vegalite.v5+json",
        "application/vnd.plotly.v1+json",
        "application/pdf",
        "text/x-unknown",
    ],
)
def test_other_media_types_are_left_out_with_a_note(mimetype: str) -> None:
    clean = scrub(a_notebook(code("f()", shows(mimetype, "Alicia"))))
    data = clean.content["cells"][0]["outputs"][0]["data"]
    assert data == {"text/plain": f"[an output of the type {mimetype} was left out]"}
    assert [f.rule for f in clean.removed] == [Rule.MEDIA_TYPES]


# Ids and reports.


def test_cell_ids_are_drawn_anew_and_lead_back() -> None:
    notebook = a_notebook(markdown("a"), code("b"))
    first = SCRUBBER.scrub(notebook, authors=None, random=SeededRandom(1))
    second = SCRUBBER.scrub(notebook, authors=None, random=SeededRandom(2))
    ids = [cell["id"] for cell in first.content["cells"]]
    assert [first.cell_ids[new] for new in ids] == ["old-0", "old-1"]
    assert first.cell_ids.keys().isdisjoint(second.cell_ids)
    assert {**first.content, "cells": None} == {**second.content, "cells": None}


def test_the_bytes_are_canonical_and_repeatable() -> None:
    notebook = a_notebook(markdown("Alicia"), code("x", stream("é")))
    first, second = scrub(notebook), scrub(notebook)
    assert first.data == second.data
    expected = json.dumps(first.content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert first.data == expected.encode()


def test_equal_findings_are_counted_together() -> None:
    clean = scrub(a_notebook(code("f()", stream("Alicia\n---------\n" * 50))))
    assert clean.removed == (Finding("bare-names", 0, "output", "Alicia", 50),)
    assert json.loads(json.dumps(clean.removed[0].as_json()))["count"] == 50


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("mail zed.quux@gmail.com", "zed.quux@gmail.com"),
        ("see https://github.com/zedquux/hw1", "https://github.com/zedquux"),
        ("https://uni.edu/~zed/", "https://uni.edu/~zed"),
        ("https://zed.github.io/x", "https://zed.github.io"),
        ("call +49 170 1234567", "+49 170 1234567"),
        ("Name: Zed Quux", "Name: Zed Quux"),
        ("**Author:** Zed", "**Author:** Zed"),
        ("Student ID: 1234567", "Student ID: 1234567"),
        ("Hi, my name is Zed.", "my name is Zed"),
        ("# Homework by Zed Quux", "by Zed Quux"),
    ],
)
def test_what_cannot_be_judged_is_reported(text: str, what: str) -> None:
    clean = scrub(a_notebook(markdown(text)))
    assert text_of(clean).endswith(text) or text in text_of(clean)
    assert what in {f.what for f in clean.remaining}


def test_a_template_line_of_nbgrader_is_reported_only_when_filled_in() -> None:
    assert not scrub(a_notebook(code('NAME = ""\nCOLLABORATORS = ""'))).remaining
    assert scrub(a_notebook(code('NAME = "Zed Quux"'))).remaining


# Any notebook.

_WORDS = st.sampled_from(
    [
        "Alicia", "Smithson", "alicia", "quokka42", "A.", "S", "R.", "Renée", "Rene\u0301e", "Will",
        "May", "Robert", "Jones", "李伟", "a.smithson@uni.example.edu", "@", "uni.example.edu",
        "name",
        "[name]", "/home/quokka42/x", "/", "C:\\Users\\", "\\n", "%41", "&#65;", "<b>", "</b>", "<",
        ">", '"', "'", "<img src=", "https://x.org/", "<!--", "-->", "<script>", "</script>", "![",
        "](", ")", "\x1b[31m", "\u200b", "=", ":", "\n", " ", ",", "_", "-", ".", "#", "data:",
        "data:image/png;base64,", "0x7f12ab34cd56", "at ", "%", "!", b64("Alicia Smithson"),
        "In[3]",
        "style=", "url(", "<style>", "</style>", "```", "**", "user=", "li", "~", "\ufdd0",
        "\ufdd00\ufdd1",
    ]
)  # fmt: skip
_TEXT = st.one_of(st.text(max_size=40), st.lists(_WORDS, max_size=12).map("".join))
_SAFE = _TEXT.filter(lambda t: "\x00" not in t and not any(0xD800 <= ord(c) < 0xE000 for c in t))
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), _SAFE),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_SAFE, inner, max_size=3)),
    max_leaves=6,
)
_BUNDLE = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "text/plain": _SAFE,
            "text/html": _SAFE,
            "text/latex": _SAFE,
            "text/markdown": _SAFE,
            "image/svg+xml": _SAFE,
            "image/png": st.one_of(
                _SAFE,
                st.just(b64("x")),
                st.binary(max_size=30).map(lambda raw: base64.b64encode(png()[:-5] + raw).decode()),
            ),
            "application/json": _JSON,
            "application/x": _SAFE,
        },
    )
)
_OUTPUT = st.one_of(
    st.builds(stream, _SAFE, st.sampled_from(["stdout", "stderr"])),
    st.builds(lambda *t: fails(*t), _SAFE, _SAFE),
    _BUNDLE.map(lambda d: {"output_type": "display_data", "data": d, "metadata": {}}),
)
_CELL = st.one_of(
    st.builds(markdown, _SAFE),
    st.builds(lambda s, o, n: code(s, *o, count=n), _SAFE, st.lists(_OUTPUT, max_size=4),
              st.one_of(st.none(), st.integers(0, 5))),
)  # fmt: skip
_NOTEBOOKS = st.builds(
    lambda cells, meta: a_notebook(*copy.deepcopy(cells), **meta),
    st.lists(_CELL, max_size=4),
    st.one_of(st.just({}), st.just(METADATA)),
)


@settings(max_examples=times(500), deadline=None, derandomize=True)
@given(_NOTEBOOKS, st.sampled_from([[AUTHOR.username], ["will"], None]))
def test_scrubbing_again_removes_nothing(
    notebook: dict[str, Any], authors: list[str] | None
) -> None:
    once = scrub(notebook, authors=authors)
    twice = scrub(once.content, authors=authors)
    assert twice.removed == ()
    for first, second in zip(once.content["cells"], twice.content["cells"], strict=True):
        assert {**first, "id": ""} == {**second, "id": ""}


def tokens(source: str) -> list[tuple[int, str]] | None:
    try:
        found = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    return [(t.type, t.string) for t in found if t.type not in (tokenize.COMMENT, tokenize.NL)]


@settings(max_examples=times(300), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["x = 1", "# Alicia", "#", "'", '"', '"""', "'''", "Alicia", "\n", "\\", " ", "(", ")",
             "f'{x}'", "r'", "#Smithson ", "if x:\n  y", "%magic # Alicia", "!ls # Alicia", "\t"]
        ),
        max_size=14,
    ).map("".join)
)  # fmt: skip
def test_code_is_equal_but_for_comments(source: str) -> None:
    clean = scrub(a_notebook(code(source))).content["cells"][0]["source"]
    assert tokens(clean) == tokens(source)
    if "#" not in source:
        assert clean == source


@pytest.mark.timeout(120)
def test_a_large_text_of_any_kind_takes_time_in_proportion() -> None:
    """Not a stopwatch: a pattern that blows up would not end before the limit."""
    patterns = [
        "a.", "a@", "A.", "/home/", "<a ", '<a "', "<a '", "<!--", "<script", "![", "![a](", "[a]:",
        "data:image/png;base64,", "C:\\", "/Users/A ", "%41", "&#65;", "\\u0041", "\x1b[",
        "Alicia ",
        "Alicia, ", "=", "A" * 40 + " ", "+1 ", "`", "*", "@a.", "url(", "by A ", "Name:", "0x7f",
        "</a", "<style>", "@import", "File \"/", "a" * 30 + "\n", "'", '"', "#", "i am ", "I'm A",
    ]  # fmt: skip
    for pattern in patterns:
        text = pattern * (60_000 // len(pattern))
        for place in ("markdown", "comment", "stream", "html", "json"):
            scrub(PLACES[place](text))


def test_the_result_of_reading_can_be_given_as_it_is() -> None:
    content = a_notebook(markdown("Alicia"))
    clean = SCRUBBER.scrub(Notebook(content), authors=None, random=SeededRandom())
    assert clean.content["cells"][0]["source"] == "[name]"


def test_a_roster_of_common_names_can_be_used() -> None:
    roster = common_roster()
    assert len(roster) == 300
    scrubber = Scrubber(roster)
    for person in roster:
        text = f"Written by {person.name} ({person.email})."
        clean = in_markdown(text, authors=[person.username], scrubber=scrubber)
        assert clean == "Written by [name] ([email]).", person
