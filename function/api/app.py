"""The ASGI application: a recommender behind routes, with problem documents and a body limit."""

import hashlib
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI

from function.api import problems
from function.api.catalogue import catalogue
from function.api.members_on_demand import MembersOnDemand
from function.api.middleware import BodyLimit, HeadAsGet
from function.api.personal import personal
from function.api.recommendations import recommendations
from function.api.service import released, service
from function.bundle.format import BundleError, read_bundle
from function.bundle.interpreter import Model
from function.recommending.recommender import Recommender
from function.settings import Settings

VERSION = "2.0.0"  # of the API


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API over the bundle named by `settings` (default: from the environment).

    `state.fallback` of the app says why the current release is not served; None if it is. Raises BundleError if there
    is no bundle to serve.
    """
    settings = settings or Settings.from_environment()
    recommender, fallback = _load(settings)
    app = FastAPI(
        title="Film recommendations",
        version=VERSION,
        description="Every GET answers HEAD, too, and every path OPTIONS. Unknown parameters are refused.",
        openapi_url=None,  # function/api/service.py serves the document
        # The documentation pages load scripts from a third party.
        docs_url=None,
        redoc_url=None,
        # A redirect would name the host that the function sees, which is not the CDN's.
        redirect_slashes=False,
    )
    open_users = settings.open_users or recommender.bundle.manifest.default_open_users
    app.state.settings = replace(settings, open_users=open_users)
    app.state.recommender = recommender
    app.state.fallback = fallback
    app.state.edition = _edition(app.state.settings, recommender)
    # include_router would build every route a second time.
    for router in (recommendations, personal, catalogue, service, released):
        app.router.routes.extend(router.routes)
    problems.install(app)
    app.add_middleware(MembersOnDemand, api=app)
    app.add_middleware(BodyLimit)
    app.add_middleware(HeadAsGet)
    if settings.allow_origins:
        from fastapi.middleware.cors import CORSMiddleware  # imported only if other sites may call

        app.add_middleware(CORSMiddleware, allow_origins=settings.allow_origins, allow_methods=["GET", "POST"])
    return app


def _edition(settings: Settings, recommender: Recommender) -> str:
    """What answers depend on, besides their address: the release, settings, and the code, by the sizes and times of its
    files, as Python itself tells whether they have changed.
    """
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        found = path.stat()
        code.update(f"{path.name} {found.st_size} {found.st_mtime_ns} ".encode())
    opened = f"{settings.open_users} {settings.sign_in is not None}"
    return f"{recommender.bundle.manifest.release} {opened} {code.hexdigest()}"


def _load(settings: Settings) -> tuple[Recommender, str | None]:
    """What to serve, and why it is not the current release if it should be.

    The image's own bundle stands in for a release that cannot be loaded; function/handler.py raises the alarm.
    """
    if not settings.bundle_uri:
        return _recommender(settings.bundle_dir), None
    from function.bundle.remote import current_bundle, remote_people  # imported only if releases are in S3

    try:
        folder = current_bundle(settings.bundle_uri)
        if folder is None:
            return _recommender(settings.bundle_dir), None
        bundle = read_bundle(folder)
        return Recommender(bundle, Model.of(bundle), remote_people(settings.bundle_uri, bundle)), None
    except BundleError as refused:
        try:
            return _recommender(settings.bundle_dir), str(refused)
        except BundleError as error:
            raise BundleError(f"{refused} Nor is there another bundle to serve: {error}") from refused


def _recommender(folder: Path) -> Recommender:
    bundle = read_bundle(folder)
    return Recommender(bundle, Model.of(bundle))
