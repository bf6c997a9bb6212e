"""The documentation says what is true: pages are current, links lead somewhere, commands exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest
from documents import DOCS, ROOT, anchors, blocks, links, pages, prose

from jupyter_social.core.scrubbing.rules import Rule

SHELLS = {"sh", "shell", "bash", "console"}
ALWAYS = {"-h", "--help", "--help-all", "--version"}
NAMED = re.compile(r"`((?:[^`\n]|\n(?!\n))*\bjupyter[ -]social [^`]*)`")
NOT_A_VERB = re.compile(r"[^a-z-]")


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return load_generator()


@pytest.fixture(scope="module")
def known_options(generate: ModuleType) -> dict[str, set[str]]:
    """The options of each command, by how it is typed."""
    return {
        generate.spoken(app): {f"--{name}" for name in (*app.aliases, *app.flags)}
        for app in generate.commands()
    }


def test_generated_pages_are_those_of_the_program(
    generate: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


def test_an_outdated_page_is_named(
    generate: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reference = tmp_path / "docs" / "reference"
    reference.mkdir(parents=True)
    monkeypatch.setattr(generate, "REFERENCE", reference)
    assert generate.main([]) == 0
    page = reference / "permissions.md"
    page.write_text(page.read_text(encoding="utf-8").replace("yes", "no"), encoding="utf-8")
    capsys.readouterr()

    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "docs/reference/permissions.md is out of date: run `make schema`."
    ]


def test_generated_pages_are_the_same_on_every_machine(
    generate: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = generate.pages()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_SOCIAL_DATABASE", "sqlite:////elsewhere/course.db")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.chdir(tmp_path)
    assert generate.pages() == before
    assert not any(str(Path.home()) in text or str(ROOT) in text for text in before.values())


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{target} leads nowhere"
        assert file.is_relative_to(ROOT), f"{target} leads out of the repository"
        if anchor:
            assert anchor in anchors(file), f"{target}: there is no such heading"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_shown_exists(page: Path, known_options: dict[str, set[str]]) -> None:
    for line in command_lines(page):
        refuse_unknown(line, known_options)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_shown_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z][a-z-]*):", makefile))
    shown = re.findall(r"`make ([a-z-]+)`", prose(page))
    for block in blocks(page):
        if block.language in SHELLS:
            shown += re.findall(r"(?m)^\s*make ([a-z-]+)", block.text)
    assert set(shown) <= targets


def test_every_make_target_in_the_readme_is_the_first_thing_to_type() -> None:
    first = next(blocks(ROOT / "README.md"))
    assert first.text.splitlines() == ["make demo", "make test"]


def test_every_scrubbing_rule_is_explained() -> None:
    text = (DOCS / "explanation" / "anonymity.md").read_text(encoding="utf-8")
    assert [rule.value for rule in Rule if f"`{rule.value}`" not in text] == []


def test_a_command_that_does_not_exist_would_be_found(known_options: dict[str, set[str]]) -> None:
    refuse_unknown("jupyter social reviews assign ps1 --reviews 3", known_options)
    for wrong in (
        "jupyter social review assign ps1",
        "jupyter social reviews asign ps1",
        "jupyter social reviews assign ps1 --review 3",
        "jupyter-social frob",
    ):
        with pytest.raises(AssertionError):
            refuse_unknown(wrong, known_options)


def command_lines(page: Path) -> list[str]:
    """Return what the page shows of `jupyter social`: in shell blocks, and in the text."""
    found = [" ".join(text.split()) for text in NAMED.findall(prose(page))]
    for block in blocks(page):
        if block.language in SHELLS:
            found += re.sub(r"\\\n\s*", " ", block.text).splitlines()
    commands = []
    for line in found:
        for part in re.split(r"&&|\|\||;|\|(?!\|)", line.partition(" #")[0]):
            if match := re.search(r"\bjupyter[ -]social(?:\s.*)?$", part.strip()):
                commands.append(match.group())
    return commands


def refuse_unknown(line: str, known: dict[str, set[str]]) -> None:
    words = shlex.split(line.replace("jupyter-social", "jupyter social").replace("…", ""))[2:]
    verbs: list[str] = []
    for word in words:
        if NOT_A_VERB.search(word) or word.startswith("-"):
            break
        verbs.append(word)
    spoken = ["jupyter social", *(" ".join(["jupyter social", *verbs[: n + 1]]) for n in range(2))]
    command = next((name for name in reversed(spoken) if name in known), None)
    options = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
    if command is None:
        group = " ".join(["jupyter social", *verbs])
        assert any(name.startswith(f"{group} ") for name in known), f"{line}: no such command"
        assert options <= ALWAYS, f"{line}: no such option"
        return
    assert options <= known[command] | ALWAYS, f"{line}: no such option"
