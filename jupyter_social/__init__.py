"""A classroom full of people in JupyterLab: discussion, peer review, progress and badges.

Importing this package is free: it names its version and nothing else. `jupyter_social.app`
builds a running application, `jupyter_social.cli` is the command line.
"""

__version__ = "0.1.0"
