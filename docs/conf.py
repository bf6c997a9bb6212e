"""How Sphinx builds the documentation: `make docs`."""

from jupyter_social import __version__

project = "jupyter_social"
author = "The jupyter_social developers"
copyright = "2026, the jupyter_social developers"
version = release = __version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_title = "jupyter_social"
html_show_sourcelink = False
html_theme_options = {"navbar_align": "left", "show_toc_level": 2}
