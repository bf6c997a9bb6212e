"""A classroom full of people in JupyterLab: discussion, peer review, progress and badges.

Importing this package is free: it names its version and nothing else. `jupyter_social.app`
builds a running application, `jupyter_social.cli` is the command line.
"""

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    """Tell a Jupyter server what to load; only then is anything imported."""
    from jupyter_social.server.extension import JupyterSocial

    return [{"module": "jupyter_social.server.extension", "app": JupyterSocial}]
