"""The hello route of a bare FastAPI, with the server of the local site: its socket, its settings, its workers.

python -m benchmarks.instruments.bare --port PORT --workers N
"""

import argparse

from fastapi import FastAPI

from infra.local_site import listen, run


def made() -> FastAPI:
    from benchmarks.instruments.hello import app

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instruments.bare")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    options = parser.parse_args()
    with listen(options.port) as listener:
        run(made, listener, options.workers)
