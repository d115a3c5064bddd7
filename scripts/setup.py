"""Install what the Makefile's verbs need, exactly as locked: nothing is resolved here.

    python3 -m scripts.setup serve|train|dev            .venv with the packages of that layer
    python3 -m scripts.setup environment FOLDER LOCK    a separate environment
    python3 -m scripts.setup page|page-dev              web/node_modules, to build the page or also to test it
    python3 -m scripts.setup identity                   infra/identity/node_modules, for sign-in on this machine

If nothing has changed, this takes a moment. Errors say in a line or two what is wrong and how to fix it; then the same
command continues.
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
from scripts.page import install_identity, install_page

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / "requirements"
# Megabytes of disk that .venv takes with each layer (README has the figures), plus a tenth.
LAYERS = {"serve": 250, "train": 2900, "dev": 3200}


def main(arguments: list[str]) -> int:
    """Set up the layer or environment in `arguments`; returns the exit status."""
    try:
        if arguments in (["page"], ["page-dev"]):
            install_page(ROOT / "web", dev=arguments == ["page-dev"])
        elif arguments == ["identity"]:
            install_identity(ROOT / "infra/identity")
        elif len(arguments) == 1 and arguments[0] in LAYERS:
            (layer,) = arguments
            venv = Environment(ROOT / ".venv", root=ROOT)
            venv.install(LOCKS / f"{layer}.txt", megabytes=LAYERS[layer], exactly=layer == "dev")
        elif len(arguments) == 3 and arguments[0] == "environment":
            folder, lock = map(Path, arguments[1:])
            Environment(folder, root=ROOT).install(lock, exactly=True)
        else:
            raise SetupError(f"usage: {(__doc__ or '').partition('If nothing')[0].strip()}")
    except SetupError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command continues from here\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
