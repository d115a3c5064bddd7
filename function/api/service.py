"""Routes about the service itself: whether it runs, what it serves, and how it is described."""

from http import HTTPStatus

from fastapi import Request

from function.api import responses
from function.api.answers import dumps
from function.api.dependencies import RecommenderDep
from function.api.direct import DirectRoute, PublicRoute
from function.api.problems import Problem, ProblemDocument
from function.api.routing import PROBLEM, router
from function.bundle.format import BundleError
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import RUNTIME

NOT_READY = {**PROBLEM, "model": ProblemDocument, "description": "The model does not answer as it did at export"}
service = router("service", DirectRoute)  # what is so now
released = router("service", PublicRoute)  # what is so for as long as the release and the code are the same


@service.get("/health")
async def health(recommender: RecommenderDep) -> responses.Health:
    """The function runs and serves this release."""
    return responses.Health(status="ok", release=recommender.bundle.manifest.release)


@service.get("/ready", responses={503: NOT_READY})
async def ready(recommender: RecommenderDep) -> responses.Ready:
    """Run the goldens of the release and compare with what Keras answered at export."""
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


@released.get("/release")
async def release(recommender: RecommenderDep) -> responses.ReleaseOut:
    """The served release: rating scale, training data and metrics."""
    manifest = recommender.bundle.manifest
    return responses.ReleaseOut(
        release=manifest.release,
        created=manifest.created,
        scale=manifest.model.scale,
        model=manifest.model,
        data=manifest.data,
        metrics=manifest.metrics,
    )


@released.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> str:
    """The OpenAPI document."""
    return dumps(request.app.openapi())
