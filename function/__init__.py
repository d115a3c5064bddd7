"""The Lambda function: reads a bundle, answers recommendations. Deployed alone; imports nothing of training/."""
