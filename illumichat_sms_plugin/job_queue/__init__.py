"""The only door to RQ: enqueueing, and the worker that runs what was enqueued."""

from illumichat_sms_plugin.job_queue.queue import JobQueue

__all__ = ["JobQueue"]
