"""Course templates: found on the Jupyter data path, copied with their dates moved to now."""

from __future__ import annotations

import re
import shutil
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from jupyter_core.paths import jupyter_path

from jupyter_social.authoring.folder import COURSE_FILE
from jupyter_social.core.errors import Conflict, NotFound, Unavailable

TEMPLATE_FILE = "template.toml"

# A clone keeps its templates beside the package; an installed wheel on the Jupyter data path.
_IN_A_CLONE = Path(__file__).parents[2] / "course_templates"
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}(?=T\d{2}:\d{2})")


@dataclass(frozen=True)
class Template:
    """A folder to start a course from; `starts` is the Monday its dates count from."""

    name: str
    folder: Path
    title: str
    description: str
    starts: date


def template_folders() -> list[Path]:
    """Return where templates are looked for; the first of a name wins."""
    return [*(Path(found) for found in jupyter_path("social", "templates")), _IN_A_CLONE]


def templates() -> dict[str, Template]:
    """Return all templates by name; a broken one does not take the others away."""
    found: dict[str, Template] = {}
    for name, file in _template_files().items():
        with suppress(Conflict):
            found[name] = _read(file)
    return dict(sorted(found.items()))


def _template_files() -> dict[str, Path]:
    files: dict[str, Path] = {}
    for place in template_folders():
        for file in sorted(place.glob(f"*/{TEMPLATE_FILE}")):
            files.setdefault(file.parent.name, file)
    return files


def create_course(target: Path, template: str, *, today: date) -> list[Path]:
    """Write a new course from a template and return its files, relative to the folder.

    All dates move by whole weeks, so that the course starts on the next Monday. Raises `Conflict`
    rather than write over anything.
    """
    files = _template_files()
    if template not in files:
        raise NotFound(f"There is no template {template!r}. There are: {', '.join(templates())}.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(f"{target} is not empty. Choose a new folder: nothing is written over.")
    chosen = _read(files[template])
    partial = target.absolute().with_name(f".{target.absolute().name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        written = _copy(chosen, partial)
        slug = re.sub(r"[^A-Za-z0-9_-]+", "-", target.absolute().name).strip("-_")[:64]
        shift = _weeks_until_monday(chosen.starts, today)
        _name_and_date(partial, chosen, name=slug or chosen.name, shift=shift)
        partial.replace(target)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        reason = error.strerror or str(error)
        raise Unavailable(f"{target} cannot be written: {reason}.") from None
    return written


def _read(file: Path) -> Template:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return Template(
            name=file.parent.name,
            folder=file.parent,
            title=str(data["title"]),
            description=str(data["description"]),
            starts=date.fromisoformat(str(data["starts"])),
        )
    except (KeyError, ValueError) as error:
        raise Conflict(
            f"{file} is not a template: it needs title, description and starts ({error})."
        ) from None


def _weeks_until_monday(starts: date, today: date) -> timedelta:
    monday = today + timedelta(days=(7 - today.weekday()) % 7)
    first = starts - timedelta(days=starts.weekday())
    return monday - first


def _copy(template: Template, target: Path) -> list[Path]:
    written = []
    for source in sorted(template.folder.rglob("*")):
        relative = source.relative_to(template.folder)
        if source.is_dir() or relative.name == TEMPLATE_FILE or ".ipynb_checkpoints" in str(source):
            continue
        if relative.name == "gitignore":
            relative = relative.with_name(".gitignore")
        path = target / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        written.append(relative)
    return written


def _name_and_date(folder: Path, template: Template, *, name: str, shift: timedelta) -> None:
    """Call the course after its folder, so that two from one template stay two courses."""

    def moved(match: re.Match[str]) -> str:
        return (datetime.fromisoformat(match.group()) + shift).strftime("%Y-%m-%d")

    for file in (folder / COURSE_FILE, folder / "nbgrader_config.py"):
        if file.exists():
            text = file.read_text(encoding="utf-8").replace(f'"{template.name}"', f'"{name}"')
            file.write_text(_DATE.sub(moved, text), encoding="utf-8")
