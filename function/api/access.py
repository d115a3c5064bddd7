"""Authorization: whose recommendations a request may read."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends

from function.api.dependencies import RecommenderDep, SettingsDep
from function.api.problems import Problem
from function.bundle.format import BundleError
from function.bundle.people import Person
from function.recommending.recommender import Profile, Recommender
from function.settings import Settings


def open_profiles(recommender: Recommender, settings: Settings) -> tuple[Profile, ...]:
    """The sample profiles, if anybody may see them."""
    return () if settings.open_users == "none" else recommender.profiles


async def _open_profiles(recommender: RecommenderDep, settings: SettingsDep) -> tuple[Profile, ...]:
    return open_profiles(recommender, settings)


OpenProfiles = Annotated[tuple[Profile, ...], Depends(_open_profiles)]


def readable_user(recommender: Recommender, settings: Settings, user_id: str) -> Person:
    """A known user, if requests may read about them.

    A user id in an address proves nothing (OWASP API1:2023), so without a login only the sample profiles are open.

    Raises Problem: 403 for a user who is not open, 404 for one who does not exist, 503 if they cannot be read.
    """
    if settings.open_users != "all" and user_id not in {
        profile.person.id for profile in open_profiles(recommender, settings)
    }:
        # The same answer whether or not the user exists: who rated films here is private.
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"user {user_id[:100]!r} is not one of the sample profiles; GET /api/users lists them.",
        )
    try:
        person = recommender.person(user_id)
    except BundleError as error:
        detail = "The ratings of this user cannot be read at the moment. POST /api/recommendations serves anybody."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"retry-after": "2"}) from error
    if person is None:
        raise Problem(
            HTTPStatus.NOT_FOUND, f"There is no user {user_id[:100]!r}. POST /api/recommendations serves anybody."
        )
    return person


async def _user_in_path(recommender: RecommenderDep, settings: SettingsDep, user_id: str) -> Person:
    return readable_user(recommender, settings, user_id)


ReadableUser = Annotated[Person, Depends(_user_in_path)]
