"""A notebook as one HTML page, for a frame that runs nothing and fetches nothing.

`notebook_page` shows what a scrubbed notebook holds and trusts none of it: the page has no script,
no form, no reference to another place, and is to be sent under `CONTENT_POLICY`. Each media type is
shown by a module of its own: `prose` (Markdown), `formulas` (LaTeX to MathML), `code`, `printed`
(text of a terminal), `markup` (HTML), `pictures`; `outputs` chooses among them and `page` puts the
cells together. Everything takes time in proportion to the notebook: what is not, such as formulas
and deeply nested markup, is bounded (`bounds`) and shown as its source beyond that.
"""

from jupyter_social.core.pages.page import CONTENT_POLICY, notebook_page

__all__ = ["CONTENT_POLICY", "notebook_page"]
