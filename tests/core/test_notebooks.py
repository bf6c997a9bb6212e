"""Reading notebooks: what Jupyter writes is accepted, what cannot be used is refused in words."""

from __future__ import annotations

import contextlib
import copy
import json
import tracemalloc
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nightly import times

from jupyter_social.core.errors import Invalid
from jupyter_social.core.notebooks import (
    MAX_CELLS,
    MAX_OUTPUT_BYTES,
    InvalidNotebook,
    Notebook,
    read_notebook,
    write_notebook,
)


def notebook(*cells: Any, minor: int = 5, **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


def code(*outputs: Any, **more: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}}
    return {**cell, "outputs": list(outputs), "source": "f()", **more}


def markdown(source: Any = "x", **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source, **more}


def stream(text: Any) -> dict[str, Any]:
    return {"name": "stdout", "output_type": "stream", "text": text}


def shows(**data: Any) -> dict[str, Any]:
    data = {key.replace("_", "/"): value for key, value in data.items()}
    return {"data": data, "metadata": {}, "output_type": "display_data"}


def read(value: Any) -> Notebook:
    found = read_notebook(json.dumps(value).encode())
    nbformat.validate(nbformat.from_dict(found.content))
    assert read_notebook(write_notebook(found.content)) == Notebook(found.content)
    return found


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidNotebook) as refused:
        read_notebook(data)
    assert isinstance(refused.value, Invalid)
    assert refused.value.code == "invalid-notebook"
    assert refused.value.detail.endswith(".")
    return refused.value.detail


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not JSON"),
        (b"not json", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{}", "UTF-8"),
        (b'{"a": "\xe9"}', "UTF-8"),
        (b"[" * 200_000, "64 levels"),
        (b'{"a":' * 200_000, "64 levels"),
        (b"[" * 66 + b"]" * 66, "64 levels"),
        (b'{"nbformat": NaN}', "NaN"),
        (b'{"nbformat": -Infinity}', "Infinity"),
        (b'{"nbformat": 1e999}', "too large"),
        (b'{"nbformat": ' + b"1" * 5_000 + b"}", "5000 digits"),
        (b'{"nbformat": 1.' + b"1" * 5_000 + b"}", "digits"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"\\udc00": 1}', "surrogate"),
        (b'{"a": "x\\u0000"}', "NUL"),
        (b'{"a": "x\x00"}', "not JSON"),
        (b"\x00", "not JSON"),
        (b"[]", "not a notebook"),
        (b'"text"', "not a notebook"),
        (b"{}", 'no "nbformat"'),
        (b'{"nbformat": true}', 'no "nbformat"'),
        (b'{"nbformat": 4, "nbformat_minor": -1}', 'no "nbformat"'),
        (b'{"nbformat": 3, "worksheets": []}', "old format 3. Open it in Jupyter and save it"),
        (b'{"nbformat": 5, "cells": []}', "newer"),
        (b'{"nbformat": 4, "metadata": {}}', 'no list of "cells"'),
        (b'{"nbformat": 4, "cells": [], "metadata": []}', "metadata"),
    ],
)
def test_what_is_no_notebook_is_refused(data: bytes, says: str) -> None:
    assert says in refusal(data)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("x", "Cell 1 is not an object"),
        ({}, "Cell 1 has the unknown type"),
        ({"cell_type": "heading"}, "unknown type 'heading'"),
        (markdown(source=3), '"source" that is not text'),
        (markdown(source=["a", 3]), '"source" that is not text'),
        (markdown(metadata=[]), '"metadata"'),
        (markdown(attachments=[]), '"attachments"'),
        (markdown(attachments={"a": {"image/png": 3}}), "attachment that is not one"),
        (code(outputs={}), '"outputs" that are not a list'),
        (code(3), "an output that is not an object"),
        (code({"output_type": "pyout"}), "unknown type 'pyout'"),
        (code({"output_type": "stream", "text": 3}), "stream without text"),
        (code({"output_type": "error", "traceback": 3}), "error without"),
        (code({"output_type": "display_data", "data": []}), "not an object"),
        (code(shows(text_plain=3)), "'text/plain' that is not text"),
    ],
)
def test_a_broken_cell_is_refused_by_its_number(cell: Any, says: str) -> None:
    assert says in refusal(json.dumps(notebook(cell)).encode())


def test_too_many_cells_are_refused() -> None:
    assert len(read(notebook(*[markdown()] * MAX_CELLS)).content["cells"]) == MAX_CELLS
    assert "10000 cells" in refusal(json.dumps(notebook(*[markdown()] * 10_000)).encode())


def test_a_notebook_that_is_large_after_cutting_is_refused() -> None:
    cells = [markdown("x" * 10**6, id=f"c{n}") for n in range(7)]
    assert read(notebook(*cells)).notes == ()
    cells += [markdown("x" * 10**6, id=f"d{n}") for n in range(2)]
    assert "9.0 MB after cutting" in refusal(json.dumps(notebook(*cells)).encode())


def test_nesting_of_64_levels_is_read() -> None:
    value: Any = 1
    for _ in range(58):
        value = [value]
    output = {"data": {"application/json": value}, "metadata": {}, "output_type": "display_data"}
    assert read(notebook(code(output))).content["cells"][0]["outputs"][0] == output


def test_a_well_formed_notebook_is_read_as_it_is() -> None:
    value = notebook(
        markdown("a", attachments={"x.png": {"image/png": "aa"}}),
        code(stream("b\n"), id="b", execution_count=2),
        {"cell_type": "raw", "id": "c", "metadata": {}, "source": ""},
        kernelspec={"name": "python3", "display_name": "Python 3"},
    )
    assert read(value) == Notebook(value)


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4, 5])
def test_every_minor_version_becomes_4_5_with_ids(minor: int) -> None:
    cells = [markdown(), code()]
    if minor < 5:
        for cell in cells:
            del cell["id"]
    found = read(notebook(*cells, minor=minor))
    assert found.content["nbformat_minor"] == 5
    assert all(cell["id"] for cell in found.content["cells"])
    assert [str(note) for note in found.notes] == (
        ["2 cells without an id were given one"] if minor < 5 else []
    )


def test_a_later_minor_version_is_noted() -> None:
    assert [str(n) for n in read(notebook(minor=9)).notes] == ["nbformat 4.9 was read as 4.5"]


def test_a_byte_order_mark_is_allowed() -> None:
    assert read_notebook(b"\xef\xbb\xbf" + json.dumps(notebook()).encode()).content == notebook()


def test_doubled_and_bad_ids_are_issued_again_with_a_note() -> None:
    ids = ["a", "a", "b b", "x" * 65, "cell-1", None, 7]
    found = read(notebook(*[markdown(id=i) for i in ids]))
    new = [cell["id"] for cell in found.content["cells"]]
    assert new[0] == "a"
    assert new[4] == "cell-1"
    assert len(set(new)) == len(ids)
    assert [str(note) for note in found.notes] == [
        "cell 2: the cell id 'a' was used before",
        "cell 3: the cell id was not valid and was replaced",
        "cell 4: the cell id was not valid and was replaced",
        "cell 7: the cell id was not valid and was replaced",
        "1 cells without an id were given one",
    ]


def test_lists_of_lines_become_one_text() -> None:
    value = notebook(
        markdown(["a\n", "b"]), code(stream(["c\n", "d"]), shows(text_plain=["e", "f"]))
    )
    cells = read(value).content["cells"]
    assert cells[0]["source"] == "a\nb"
    assert cells[1]["outputs"][0]["text"] == "c\nd"
    assert cells[1]["outputs"][1]["data"] == {"text/plain": "ef"}


def test_unknown_fields_and_bad_metadata_are_left_out_with_a_note() -> None:
    value = notebook(
        markdown(prompt=3, metadata={"tags": "x", "name": "", "mine": 1}),
        kernelspec=3,
        language_info={"version": "3"},
        title=[],
    )
    found = read(value)
    assert found.content["metadata"] == {}
    assert found.content["cells"][0]["metadata"] == {"mine": 1}
    assert len(found.notes) == 6


# Cutting.


def test_a_long_stream_is_cut_with_a_line_that_says_so() -> None:
    found = read(notebook(code(stream("0123456789\n" * 150_000))))
    text = found.content["cells"][0]["outputs"][0]["text"]
    assert text.startswith("0123456789\n")
    assert text.endswith("0123456789\n\n[output of 1.6 MB was cut]\n")
    assert len(text) <= MAX_OUTPUT_BYTES
    assert [str(note) for note in found.notes] == ["cell 1: output of 1.6 MB was cut"]


def test_a_stream_of_a_mebibyte_is_not_cut() -> None:
    text = "é" * (MAX_OUTPUT_BYTES // 2)
    assert read(notebook(code(stream(text)))).content["cells"][0]["outputs"][0]["text"] == text


def test_a_long_text_in_one_line_is_cut_between_characters() -> None:
    found = read(notebook(code(stream("é" * 10**6))))
    text = found.content["cells"][0]["outputs"][0]["text"]
    assert text.startswith("éé")
    assert "�" not in text


def test_a_large_picture_is_replaced_and_its_text_stays() -> None:
    found = read(notebook(code(shows(image_png="A" * 2_000_000, text_plain="<Figure>"))))
    assert found.content["cells"][0]["outputs"][0]["data"] == {"text/plain": "<Figure>"}
    assert [str(note) for note in found.notes] == ["cell 1: output of 2.0 MB (image/png) was cut"]


def test_a_large_table_alone_is_replaced_by_a_note() -> None:
    found = read(notebook(code(shows(text_html="<td>" * 600_000))))
    data = found.content["cells"][0]["outputs"][0]["data"]
    assert data == {"text/plain": "[output of 2.4 MB (text/html) was cut]"}


def test_a_large_plain_text_of_a_result_is_shortened() -> None:
    found = read(notebook(code(shows(text_plain="ab\n" * 10**6))))
    text = found.content["cells"][0]["outputs"][0]["data"]["text/plain"]
    assert text.endswith("[output of 3.0 MB was cut]\n")
    assert len(text) <= MAX_OUTPUT_BYTES


def test_a_long_traceback_is_cut() -> None:
    error = {
        "ename": "E",
        "evalue": "x" * 10**6,
        "output_type": "error",
        "traceback": ["y" * 10**6] * 3,
    }
    output = read(notebook(code(error))).content["cells"][0]["outputs"][0]
    assert len(json.dumps(output)) <= MAX_OUTPUT_BYTES
    assert "was cut" in output["traceback"][-1]


def test_large_metadata_is_left_out() -> None:
    value = notebook(
        code(
            {**shows(text_plain="x"), "metadata": {"x": "y" * 200_000}}, metadata={"z": "y" * 10**6}
        ),
        widgets={"state": "y" * 10**6},
    )
    found = read(value)
    assert len(write_notebook(found.content)) < 1_000
    assert len(found.notes) == 3


def test_an_output_of_50_mb_is_cut_in_little_memory() -> None:
    data = json.dumps(notebook(code(stream(["line of the output\n"] * 2_700_000)))).encode()
    assert len(data) > 50_000_000
    tracemalloc.start()
    found = read_notebook(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(write_notebook(found.content)) < 1_200_000
    assert peak < 8 * len(data)


# Writing.

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False,
              allow_infinity=False), _TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXT, inner, max_size=3)),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(_TEXT, _JSON, max_size=4))
def test_writing_is_canonical_json(value: dict[str, Any]) -> None:
    expected = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert write_notebook(value) == expected.encode()


def test_writing_refuses_what_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_notebook({"a": float("nan")})


# Anything at all.

_CELLS = st.one_of(
    _JSON,
    st.fixed_dictionaries(
        {"cell_type": st.sampled_from(["code", "markdown", "raw", "x"])},
        optional={
            "id": _TEXT,
            "metadata": st.one_of(_JSON, st.dictionaries(st.sampled_from(
                ["tags", "name", "jupyter", "execution", "collapsed", "scrolled", "format"]),
                _JSON)),
            "source": st.one_of(_TEXT, st.lists(_TEXT, max_size=3), _JSON),
            "attachments": _JSON,
            "execution_count": _JSON,
            "outputs": st.lists(st.fixed_dictionaries(
                {"output_type": st.sampled_from(
                    ["stream", "error", "display_data", "execute_result", "x"])},
                optional={"text": _TEXT, "name": _TEXT, "data": st.dictionaries(st.sampled_from(
                    ["text/plain", "application/json", "image/png", "x"]), _JSON, max_size=2),
                    "metadata": _JSON, "traceback": st.lists(_TEXT, max_size=2),
                    "execution_count": _JSON, "ename": _TEXT},
            ), max_size=3),
        },
    ),
)  # fmt: skip


@settings(max_examples=times(300), deadline=None)
@given(
    st.fixed_dictionaries(
        {"nbformat": st.just(4), "cells": st.lists(_CELLS, max_size=3)},
        optional={
            "nbformat_minor": st.integers(0, 6),
            "metadata": st.dictionaries(
                st.sampled_from(["kernelspec", "language_info", "title", "authors", "x"]), _JSON
            ),
        },
    )
)
def test_any_json_is_read_as_a_valid_notebook_or_refused(value: dict[str, Any]) -> None:
    before = copy.deepcopy(value)
    with contextlib.suppress(InvalidNotebook):
        read(value)
    assert value == before


@settings(max_examples=times(300), deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    refusal(data)
