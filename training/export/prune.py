"""A bundle for the open network: of the known users it keeps only those who may be shown.

Everything about visitors stays as it is, since the model, the films and their facts do not change. Without "all", the
file of all people is left out. Sample profiles keep their vectors and ratings under new ids, since ids of people may
mean something elsewhere; with "none", nothing of anybody is left, as where the terms of the data demand it.
"""

from dataclasses import replace
from pathlib import Path

from function.bundle.format import Bundle, BundleError
from function.bundle.people import mapped_people, samples_of
from function.settings import OpenUsers
from training.export.publish import json_bytes, publish_verified, samples_bytes, stage


def prune(bundle: Bundle, root: Path, open_users: OpenUsers) -> Path:
    """Publish under `root` what may be shown of `bundle`, and return the folder; "all" copies it as it is.

    Raises BundleError if the bundle is damaged, or does not say whether its data are public.
    """
    if "public" not in bundle.manifest.data:
        raise BundleError(f"{bundle.folder}: made by an older version, and its goldens are a user's. Train it again.")
    content = {name: (bundle.folder / name).read_bytes() for name in bundle.manifest.content}
    people, facts = mapped_people(bundle), bundle.manifest.model
    if open_users != "all":
        samples = samples_of(bundle) if open_users == "samples" else []
        renamed = [replace(person, id=f"sample-{number + 1}") for number, person in enumerate(samples)]
        content["samples.bin"] = samples_bytes(renamed)
        if not samples:
            made_up = [golden for golden in bundle.goldens if golden["user"] is None]
            content["goldens.json"] = json_bytes({"goldens": made_up})
        people, facts = None, facts.model_copy(update={"users": len(samples)})
    staged = stage(
        root,
        content=content,
        people=people,
        created=bundle.manifest.created,
        model=facts,
        data=bundle.manifest.data,
        training=bundle.manifest.training,
        metrics=bundle.manifest.metrics,
    )
    return publish_verified(staged, root)
