"""`python -m jupyter_social` is `jupyter social`."""

from jupyter_social.cli.main import main

main()
