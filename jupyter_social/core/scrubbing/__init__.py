"""Notebooks without their author.

A peer must not learn from the file who wrote it. `Scrubber(roster).scrub(notebook, …)` returns a
copy in which metadata, ids, pictures and media types are kept by allow-list (`metadata`, `images`,
`documents`, `outputs`), markup runs, fetches and hides nothing (`markup`, `markdown`, `embedded`),
and texts do not name the author (`texts`), with a report of what was removed and what may remain.

How names are found: `people` derives from each person of the roster the forms of name, user name
and e-mail; `roster` indexes them by runs of letters, so that a text is compared with hundreds of
people at the cost of one set intersection; `folding` shows a text as a reader sees it, whatever
accents, entities, colours or escapes are in it; `matching` looks at the candidates exactly;
`traces` finds paths, addresses and what may tell somebody who is on no roster; `encoded` looks into
base64. In `code` cells only comments change. Each rule has a name (`Rule`) and can be switched off.
"""

from jupyter_social.core.scrubbing.report import Finding
from jupyter_social.core.scrubbing.rules import ALL_RULES, Rule
from jupyter_social.core.scrubbing.scrubber import Scrubbed, Scrubber

__all__ = ["ALL_RULES", "Finding", "Rule", "Scrubbed", "Scrubber"]
