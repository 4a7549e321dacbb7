"""The runtime that every worker shares.

How a message becomes a settled job:

1. `poller` takes free slots, then receives that many messages (never the other way round) and never cancels a receive.
2. `application.jobs.intake` understands them, records what is new and claims them in one transaction; what is finished is acked,
   what cannot be understood is dead-lettered with the reason, what another worker holds is left alone.
3. `runner` runs one attempt per claimed job; `heartbeat` keeps lease and message alive from receipt to ack, also while
   draining; `watch` writes progress, looks for cancel requests and stops attempts that stall.
4. The settlement is committed, grouped with others that end at the same time; only then the message is acked and the slot freed.
5. `worker` starts and stops all this: a side task that dies takes the worker down loudly, SIGTERM drains it.
"""
