"""Set up what the Makefile's verbs need, exactly as the locks name it: nothing here resolves.

    python3 -m scripts.setup serve|train|dev            .venv, with what that layer needs
    python3 -m scripts.setup environment FOLDER LOCK    an environment apart from it
    python3 -m scripts.setup page|page-dev              web/node_modules, to build the page or to test it, too

Where nothing changed, it is done in a moment. What goes wrong is told in a line or two, with the mend; the same command
goes on afterwards.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an old Python reads this file, up to here
    from shutil import which

    known = [name for name in ("python3.13", "python3.12", "python3.11") if which(name)]
    sys.exit(
        "error: Python 3.11 or newer is needed; {}.{}.{} was found. Try: make PYTHON={} up".format(
            *sys.version_info[:3], (known or ["python3.12"])[0]
        )
    )

from pathlib import Path

from scripts.environment import Environment
from scripts.errors import SetupError
from scripts.page import install_page

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / "requirements"
# Megabytes of disk that .venv takes with each (README has the figures), and a tenth more.
LAYERS = {"serve": 250, "train": 2900, "dev": 3200}


def main(arguments: list[str]) -> int:
    """Set up what `arguments` name; returns the exit status."""
    try:
        if arguments in (["page"], ["page-dev"]):
            install_page(ROOT / "web", dev=arguments == ["page-dev"])
        elif len(arguments) == 1 and arguments[0] in LAYERS:
            (layer,) = arguments
            venv = Environment(ROOT / ".venv", root=ROOT)
            venv.install(LOCKS / f"{layer}.txt", megabytes=LAYERS[layer], exactly=layer == "dev")
        elif len(arguments) == 3 and arguments[0] == "environment":
            folder, lock = map(Path, arguments[1:])
            Environment(folder, root=ROOT).install(lock, exactly=True)
        else:
            raise SetupError(f"usage: {(__doc__ or '').partition('Where')[0].strip()}")
    except SetupError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command goes on from here\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
