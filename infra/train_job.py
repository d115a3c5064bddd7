"""Training as a SageMaker job: files to S3, the job, the wait for it, and where its bundle is (docs/distributed.md)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from infra.aws import OperationError
from infra.plan import Step

PREFIX: Final = "training"
POLL_SECONDS: Final = 20.0
OVER: Final = {"Completed", "Failed", "Stopped"}


@dataclass(frozen=True)
class Job:
    """What to train, on which machines, in which role."""

    image: str  # in ECR, of Dockerfile.training
    role: str  # the ARN of the job's role
    bucket: str
    ratings: Path | None = None
    films: Path | None = None
    hyperparameters: Mapping[str, str] | None = None
    instance_type: str = "ml.m5.xlarge"
    instances: int = 1
    max_hours: float = 2.0
    spot: bool = False

    def check(self) -> None:
        """Raises OperationError if it makes no sense."""
        for path in (self.ratings, self.films):
            if path is not None and not path.is_file():
                raise OperationError(f"{path}: there is no such file. Give ratings and films as CSV or Parquet.")
        if self.films is not None and self.ratings is None:
            raise OperationError("--films goes with --ratings; give both, or neither.")
        if not self.role.startswith("arn:"):
            raise OperationError(f"--role {self.role}: not the ARN of a role; docs/distributed.md has its policy.")
        if self.instances < 1 or self.max_hours <= 0:
            raise OperationError("--instances and --max-hours: give 1 or more, and more than 0.")


def plan_train_job(s3: Any, sagemaker: Any, job: Job, *, now: datetime | None = None) -> list[Step]:
    """Upload, start, wait. Raises OperationError if the job makes no sense; nothing was called then."""
    job.check()
    name = f"films-{(now or datetime.now(UTC)):%Y-%m-%d-%H-%M-%S}"
    prefix = f"{PREFIX}/{name}"
    steps, channels = [], []
    for channel, path in (("ratings", job.ratings), ("films", job.films)):
        if path is None:
            continue
        key = f"{prefix}/input/{channel}/{path.name}"
        steps.append(Step(f"upload {path} to s3://{job.bucket}/{key}", partial(_upload, s3, path, job.bucket, key)))
        channels.append(_channel(channel, f"s3://{job.bucket}/{prefix}/input/{channel}"))
    request = _request(job, name, prefix, channels)
    machines = f"{job.instances} x {job.instance_type}, {job.max_hours:g} h at most{', spot' if job.spot else ''}"

    def start() -> None:
        sagemaker.create_training_job(**request)

    steps.append(Step(f"start the training job {name} on {machines}", start))
    steps.append(Step("wait until it ends", partial(wait, sagemaker, name)))
    return steps


def wait(
    sagemaker: Any, name: str, *, sleep: Callable[[float], None] = time.sleep, say: Callable[[str], None] = print
) -> str:
    """Wait for the job, saying each change of its status; returns where the bundle is. Raises OperationError."""
    last = ""
    while True:
        found = sagemaker.describe_training_job(TrainingJobName=name)
        status, secondary = found["TrainingJobStatus"], found.get("SecondaryStatus", "")
        if (said := f"{status}: {secondary}") != last and status not in OVER:
            last = said
            say(f"   {said}")
        if status in OVER:
            break
        sleep(POLL_SECONDS)
    if status != "Completed":
        reason = found.get("FailureReason", "no reason is given")
        raise OperationError(f"training job {name}: {status} ({reason}). Its log is in /aws/sagemaker/TrainingJobs.")
    uri = found["ModelArtifacts"]["S3ModelArtifacts"]
    return f"the bundle is in {uri}. Unpack it into artifacts/bundles, then `make release`."


def _upload(s3: Any, path: Path, bucket: str, key: str) -> None:
    with path.open("rb") as file:
        s3.put_object(Bucket=bucket, Key=key, Body=file)


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def _request(job: Job, name: str, prefix: str, channels: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = round(job.max_hours * 3600)
    stopping = {"MaxRuntimeInSeconds": seconds, **({"MaxWaitTimeInSeconds": 2 * seconds} if job.spot else {})}
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": job.image, "TrainingInputMode": "File"},
        "RoleArn": job.role,
        "HyperParameters": dict(job.hyperparameters or {}),
        **({"InputDataConfig": channels} if channels else {}),
        "OutputDataConfig": {"S3OutputPath": f"s3://{job.bucket}/{prefix}/output"},
        "ResourceConfig": {"InstanceType": job.instance_type, "InstanceCount": job.instances, "VolumeSizeInGB": 30},
        "StoppingCondition": stopping,
        "EnableManagedSpotTraining": job.spot,
        # Ratings are personal data: traffic between the hosts is encrypted.
        "EnableInterContainerTrafficEncryption": job.instances > 1,
    }
