"""The runtime that every worker shares.

How a message becomes a settled job:

1. `poller` takes free slots, then `receiver` asks the queues by weight for that many messages (never the other way round; a receive is
   never cancelled). From now on `heartbeat` keeps them hidden.
2. `application.jobs.intake` understands them, records what is new and claims them in one transaction. What is finished is acked, what
   cannot be understood is dead-lettered with the reason, what somebody else holds is given back, to come again later and later.
3. `runner` begins one attempt per claimed job, on a task of its own. `heartbeat` renews its lease, `watch` writes its progress, looks
   for cancel requests and stops what stalls. When the handler has ended, the slot is free.
4. `settler` writes the ends of a group in one transaction (`application.jobs.settle`), and only then acks the group's messages, or
   dead-letters those of jobs that are DEAD, and releases them. An attempt that is to be repeated gets a fresh message through the
   outbox in that same transaction; its old message is acked like every other.
5. `worker` starts and stops all this: a side task that dies takes the worker down loudly, a drain ends when nothing is in hand.

| file | what it holds |
|---|---|
| `config`, `role`, `main`, `lasting` | numbers and ports of a worker; from a setup to a worker; the command line of a role; its imports |
| `poller`, `receiver`, `slots`, `runner`, `stage`, `settler`, `holdings` | the way of a job, and the list of all that is in hand |
| `heartbeat`, `watch`, `backoff` | what looks after jobs meanwhile; waits in an outage of queue or database (a job's retries: `domain/job/retry.py`) |
| `running`, `registry`, `instance`, `idle` | a worker's company: registered, told of its machine's end, stopped with an idle machine |
| `health`, `probes`, `http`, `measure` | what operators see |
"""
