"""The ASGI application: routes, problems, caps and tags around a recommender."""

from pathlib import Path

from fastapi import FastAPI

from function.api import personal, problems, routes
from function.api.middleware import BodyLimit, EntityTags
from function.bundle.format import read_bundle
from function.bundle.interpreter import Model
from function.recommending.recommender import Recommender
from function.settings import Settings

VERSION = "1.0.0"  # of the API


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API over the bundle that `settings` name (default: the environment's).

    Raises BundleError where the bundle may not be served.
    """
    settings = settings or Settings.from_environment()
    bundle = read_bundle(_place(settings))
    app = FastAPI(
        title="Film recommendations",
        version=VERSION,
        openapi_url="/api/openapi.json",
        # Their pages load scripts from a third party's network; the document itself is enough.
        docs_url=None,
        redoc_url=None,
        # It would redirect to the host it sees, which behind a CDN is not the one the visitor asked.
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.recommender = Recommender(bundle, Model(bundle.model))
    # Not include_router, which makes every route a second time, in the first request.
    app.router.routes.extend([*routes.router.routes, *personal.router.routes])
    problems.install(app)
    app.add_middleware(EntityTags)
    app.add_middleware(BodyLimit)
    if settings.allow_origins:
        from fastapi.middleware.cors import CORSMiddleware  # only where other sites call us

        app.add_middleware(CORSMiddleware, allow_origins=settings.allow_origins, allow_methods=["GET", "POST"])
    return app


def _place(settings: Settings) -> Path:
    if not settings.bundle_uri:
        return settings.bundle_dir
    from function.bundle.remote import current_bundle  # only where releases are in S3

    return current_bundle(settings.bundle_uri) or settings.bundle_dir
