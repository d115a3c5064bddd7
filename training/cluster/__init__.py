"""Training on several machines, and as a job of SageMaker."""
