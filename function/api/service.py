"""Routes about the service itself: whether it runs, what it serves, and how it is described."""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from function.api import responses
from function.api.answers import CACHE_PUBLIC, NO_STORE
from function.api.dependencies import RecommenderDep
from function.api.problems import Problem, ProblemDocument
from function.api.routing import PROBLEM, router
from function.bundle.format import BundleError
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import RUNTIME

NOT_READY = {**PROBLEM, "model": ProblemDocument, "description": "The model does not answer as it did at export"}
service = router("service")


@service.get("/health")
async def health(recommender: RecommenderDep, response: Response) -> responses.Health:
    """The function runs and serves this release."""
    response.headers["cache-control"] = NO_STORE
    return responses.Health(status="ok", release=recommender.bundle.manifest.release)


@service.get("/ready", responses={503: NOT_READY})
async def ready(recommender: RecommenderDep, response: Response) -> responses.Ready:
    """Run the goldens of the release and compare with what Keras answered at export."""
    response.headers["cache-control"] = NO_STORE
    try:
        checked = check_goldens(recommender.bundle, recommender.model)
    except BundleError as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
    return responses.Ready(
        status="ready",
        release=recommender.bundle.manifest.release,
        runtime=RUNTIME,
        goldens=checked.goldens,
        max_star_error=checked.max_star_error,
        top10_agreement=checked.top10_agreement,
    )


@service.get("/release")
async def release(recommender: RecommenderDep, response: Response) -> responses.ReleaseOut:
    """The served release: rating scale, training data and metrics."""
    response.headers["cache-control"] = CACHE_PUBLIC
    manifest = recommender.bundle.manifest
    return responses.ReleaseOut(
        release=manifest.release,
        created=manifest.created,
        scale=manifest.model.scale,
        model=manifest.model,
        data=manifest.data,
        metrics=manifest.metrics,
    )


@service.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> JSONResponse:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi(), headers={"cache-control": CACHE_PUBLIC})
