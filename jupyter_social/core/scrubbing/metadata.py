"""What is kept of a notebook's and its cells' metadata: next to nothing, by allow-list.

Every tool leaves its keys there (hashes of environments, accounts, paths, times, editor state). The
kernel is named by its language, as everybody's is; of a cell only nbgrader's `grade_id` stays, and
only where the template has it.
"""

from __future__ import annotations

from typing import Any

from jupyter_social.core.scrubbing.report import Report
from jupyter_social.core.scrubbing.rules import Rule

_KERNELS = {
    "bash": ("bash", "Bash"),
    "c++": ("xcpp17", "C++17"),
    "haskell": ("haskell", "Haskell"),
    "java": ("java", "Java"),
    "javascript": ("javascript", "JavaScript"),
    "julia": ("julia", "Julia"),
    "octave": ("octave", "Octave"),
    "ocaml": ("ocaml", "OCaml"),
    "python": ("python3", "Python 3"),
    "r": ("ir", "R"),
    "rust": ("rust", "Rust"),
    "sagemath": ("sagemath", "SageMath"),
    "scala": ("scala", "Scala"),
    "sql": ("sql", "SQL"),
    "typescript": ("typescript", "TypeScript"),
}
_PROPER = {"r": "R", "c++": "C++"}
_ALIASES = {"ipython": "python", "python3": "python", "c++17": "c++", "sage": "sagemath"}
KEPT_TAGS = frozenset(
    ["hide-cell", "hide-input", "hide-output", "raises-exception", "remove-cell", "remove-input"]
)


def language_of(content: dict[str, Any]) -> str:
    """Return the language of the code cells, lower-case; Python if the notebook does not say."""
    metadata = content.get("metadata", {})
    kernel, info = metadata.get("kernelspec"), metadata.get("language_info")
    for value in (
        info.get("name") if isinstance(info, dict) else None,
        kernel.get("language") if isinstance(kernel, dict) else None,
        _by_kernel(kernel.get("name")) if isinstance(kernel, dict) else None,
    ):
        if isinstance(value, str) and value.strip():
            name = value.strip().lower()
            return _ALIASES.get(name, name)
    return "python"


def notebook_metadata(
    metadata: dict[str, Any], *, language: str, rules: frozenset[Rule], report: Report
) -> dict[str, Any]:
    """Return the canonical metadata of a notebook in this language."""
    if Rule.NOTEBOOK_METADATA not in rules:
        return metadata
    kept: dict[str, Any] = {}
    if language in _KERNELS and metadata.keys() & {"kernelspec", "language_info"}:
        name, display = _KERNELS[language]
        proper = _PROPER.get(language, language)
        kept["kernelspec"] = {"display_name": display, "language": proper, "name": name}
        kept["language_info"] = {"name": proper}
    for key, value in metadata.items():
        if kept.get(key) != value:
            report.removed(Rule.NOTEBOOK_METADATA, key)
    return kept


def cell_metadata(
    metadata: dict[str, Any],
    *,
    grade_ids: frozenset[str],
    rules: frozenset[Rule],
    report: Report,
) -> dict[str, Any]:
    """Return what may stay of a cell's metadata."""
    if Rule.CELL_METADATA not in rules:
        return metadata
    kept: dict[str, Any] = {}
    nbgrader = metadata.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    if isinstance(grade_id, str) and grade_id in grade_ids:
        kept["nbgrader"] = {"grade_id": grade_id}
    tags = metadata.get("tags")
    if isinstance(tags, list) and KEPT_TAGS.intersection(t for t in tags if isinstance(t, str)):
        kept["tags"] = sorted(KEPT_TAGS.intersection(t for t in tags if isinstance(t, str)))
    for key, value in metadata.items():
        if kept.get(key) != value:
            report.removed(Rule.CELL_METADATA, key)
    return kept


def _by_kernel(name: Any) -> str | None:
    """The language of a kernel that is called by a well-known name."""
    if not isinstance(name, str):
        return None
    if name.startswith("python"):
        return "python"
    return next((lang for lang, (known, _) in _KERNELS.items() if known == name), None)
