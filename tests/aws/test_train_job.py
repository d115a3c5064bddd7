"""`python -m infra train-job` against moto: its uploads, its SageMaker job, and its output."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.__main__ import main
from infra.aws import Aws, OperationError
from infra.train_job import wait

BUCKET = "films-training"
NEEDED = [
    "train-job",
    "--image",
    "123.dkr.ecr/film-training",
    "--role",
    "arn:aws:iam::123456789012:role/films-training",
]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    ratings, films = tmp_path / "my ratings.csv", tmp_path / "films.csv"
    ratings.write_text("user,film,rating\n1,1,5\n")
    films.write_text("film,title\n1,One\n")
    return ["--ratings", str(ratings), "--films", str(films)]


@pytest.fixture
def bucket(account: Aws) -> Any:
    s3 = account.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": account.region})
    return s3


def jobs(account: Aws) -> list[dict[str, Any]]:
    sagemaker = account.client("sagemaker")
    names = [each["TrainingJobName"] for each in sagemaker.list_training_jobs()["TrainingJobSummaries"]]
    return [sagemaker.describe_training_job(TrainingJobName=name) for name in names]


def test_files_are_uploaded_and_the_job_reads_them(
    account: Aws, bucket: Any, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--set", "model.epochs=30", "--instances", "2", "--spot", "--max-hours", "1"]
    assert main([*NEEDED, "--bucket", BUCKET, *files, *more]) == 0
    (job,) = jobs(account)
    for channel in job["InputDataConfig"]:
        prefix = channel["DataSource"]["S3DataSource"]["S3Uri"].removeprefix(f"s3://{BUCKET}/")
        (found,) = bucket.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
        local = Path(files[1] if channel["ChannelName"] == "ratings" else files[3])
        assert bucket.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read() == local.read_bytes()
    assert [channel["ChannelName"] for channel in job["InputDataConfig"]] == ["ratings", "films"]
    assert job["HyperParameters"] == {"model.epochs": "30"}
    assert job["ResourceConfig"]["InstanceCount"] == 2
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert job["EnableManagedSpotTraining"]
    assert job["EnableInterContainerTrafficEncryption"]
    assert job["ModelArtifacts"]["S3ModelArtifacts"] in capsys.readouterr().out


def test_a_dry_run_changes_nothing(
    account: Aws, bucket: Any, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*NEEDED, "--bucket", BUCKET, *files, "--dry-run"]) == 0
    output = capsys.readouterr().out
    assert "1. upload" in output
    assert "start the training job films-" in output
    assert "Nothing was changed" in output
    assert jobs(account) == []
    assert "Contents" not in bucket.list_objects_v2(Bucket=BUCKET)


@pytest.mark.usefixtures("bucket")
def test_without_files_the_job_fetches_what_data_names(account: Aws) -> None:
    assert main([*NEEDED, "--bucket", BUCKET, "--set", "data=ml-100k"]) == 0
    (job,) = jobs(account)
    assert job["HyperParameters"] == {"data": "ml-100k"}
    assert not job.get("InputDataConfig")


@pytest.mark.parametrize(
    ("flags", "output"),
    [
        (["--ratings", "nowhere.csv"], r"nowhere\.csv: there is no such file"),
        (["--films", "README.md"], "--films goes with --ratings"),
        (["--role", "films"], "--role films: not the ARN"),
        (["--instances", "0"], "--instances and --max-hours"),
        (["--set", "epochs"], "--set epochs: write FLAG=VALUE"),
    ],
)
@pytest.mark.usefixtures("bucket")
def test_what_makes_no_sense_is_refused_before_anything_is_done(
    flags: list[str], output: str, account: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*NEEDED, "--bucket", BUCKET, *flags]) == 1
    assert output.replace("\\", "") in capsys.readouterr().err
    assert jobs(account) == []


@pytest.mark.usefixtures("account")
def test_a_bucket_that_is_not_there_is_told(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*NEEDED, "--bucket", "nobodys", *files]) == 1
    assert "PutObject in eu-west-1" in capsys.readouterr().err


class Answers:
    """A SageMaker client with one response per DescribeTrainingJob."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def describe_training_job(self, **asked: str) -> dict[str, Any]:
        assert asked == {"TrainingJobName": "films-1"}
        return self.answers.pop(0)


def test_waiting_says_each_change_once_and_a_failure_with_its_reason() -> None:
    output: list[str] = []
    training = {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training"}
    failed = {"TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: ratings.csv: line 7"}
    answers = Answers({**training, "SecondaryStatus": "Starting"}, training, training, failed)
    with pytest.raises(OperationError, match=r"films-1: Failed \(AlgorithmError: ratings\.csv: line 7\)"):
        wait(answers, "films-1", sleep=lambda _: None, say=output.append)
    assert output == ["   InProgress: Starting", "   InProgress: Training"]


def test_the_role_s_policy_in_the_documentation_allows_no_more_than_the_job_needs() -> None:
    document = Path("docs/distributed.md").read_text()
    policy = json.loads(document.partition("```json")[2].partition("```")[0])
    actions = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert not any("*" in action for action in actions)
    everything = [statement["Action"] for statement in policy["Statement"] if statement["Resource"] == "*"]
    assert everything == [["ecr:GetAuthorizationToken"]]  # which knows no resource
