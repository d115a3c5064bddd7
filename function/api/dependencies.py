"""What every route is given: the recommender and the settings."""

from typing import Annotated

from fastapi import Depends, Request

from function.recommending.recommender import Recommender
from function.settings import Settings


# Coroutines: FastAPI runs plain functions in a thread pool, and starting one takes 12 ms of a cold start.
async def _recommender(request: Request) -> Recommender:
    recommender: Recommender = request.app.state.recommender
    return recommender


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


RecommenderDep = Annotated[Recommender, Depends(_recommender)]
SettingsDep = Annotated[Settings, Depends(_settings)]
