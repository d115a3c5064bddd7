"""The least that this stack can be, to compare with: one FastAPI route behind Mangum, and NumPy imported."""

import numpy  # noqa: F401  (the function cannot do without it)
from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.get("/api/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


handler = Mangum(app, lifespan="off")
