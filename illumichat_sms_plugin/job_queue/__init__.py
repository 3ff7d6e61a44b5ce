"""The only door to RQ: enqueueing, and the worker that runs what was enqueued.

RQ documents less than this uses. Beyond its documentation are, all of them the same from RQ 2.6 to 3:

* ``SimpleWorker``: ``_install_signal_handlers`` (private), ``execute_job``, ``perform_job``, ``handle_exception``,
  ``handle_job_failure``, ``prepare_execution``, ``heartbeat``, ``set_state``, ``subscribe``, ``unsubscribe``,
  ``run_maintenance_tasks``, ``should_run_maintenance_tasks``, ``max_connection_wait_time`` (worker.py)
* ``worker_ttl`` less 15 seconds is how long a worker waits for a job (worker.py)
* ``Job.restore`` and the fields of a job's hash (answer_job.py, turns.py)
* the keys ``rq:job:ID``, ``rq:queue:NAME`` and ``rq:queues``, or another prefix in ``RQ_KEY_PREFIX``;
  ``Queue.intermediate_queue_key`` (turns.py, worker.py)

``tests/job_queue/test_what_rq_has.py`` finds what a new version lacks; ``./run compat lowest`` runs the oldest.
"""

from illumichat_sms_plugin.job_queue.queue import JobQueue

__all__ = ["JobQueue"]
