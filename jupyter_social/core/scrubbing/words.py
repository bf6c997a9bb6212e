"""Ordinary words that are also names, and words that must be there before a search is worth it.

`may`, `will`, `mark` or `test` in a text is hardly ever the person of that name. The list holds the
commonest words of English and of programming, and names of mathematics such as `taylor`; it is
read when first needed. A path or a personal page has one of the signal words in it, which the
search for names finds on its way.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

# The first folders of absolute paths, as a regular expression.
PATH_ROOTS = (
    "Applications|Library|System|Users|Volumes|afs|app|builds?|cluster|content|cygdrive|data|dbfs|"
    "export|gpfs|home\\d?|kaggle|lab|lustre|media|mnt|net|nfs|nix|opt|private|projects?|root|run|"
    "scratch\\d?|shared|snap|srv|storage|students?|tmp|users?|usr|var|work|workspaces?"
)
_PLAIN_ROOTS = PATH_ROOTS.lower().replace("s?", "").replace("\\d?", "")
PATH_WORDS = frozenset([*_PLAIN_ROOTS.split("|"), "file", "program", "windows"])
KERNEL_WORDS = frozenset(["ipykernel", "ipython"])
SITE_WORDS = frozenset(
    [
        "bitbucket", "facebook", "github", "gitlab", "huggingface", "instagram", "kaggle",
        "linkedin", "medium", "orcid", "twitter",
    ]
)  # fmt: skip
# What a doubtful user name can stand beside.
PLACE_WORDS = frozenset(
    [
        "autograded", "export", "feedback", "home", "jupyter", "login", "logname", "nb", "owner",
        "student", "submitted", "uid", "user", "username", "work",
    ]
)  # fmt: skip
# Of phrases such as "my name is".
PHRASE_WORDS = frozenset(["am", "appelle", "heisse", "llamo", "name"])
SIGNAL_WORDS = PHRASE_WORDS | PATH_WORDS | KERNEL_WORDS | SITE_WORDS | PLACE_WORDS


@cache
def common_words() -> frozenset[str]:
    """Return the words, lower-case."""
    text = files(__package__).joinpath("common_words.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split() if not line.startswith("#"))
