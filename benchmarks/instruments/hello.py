"""The smallest function on this stack, as a baseline: one FastAPI route behind Mangum, with NumPy imported."""

import numpy  # noqa: F401  (the function needs it)
from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.get("/api/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


handler = Mangum(app, lifespan="off")
