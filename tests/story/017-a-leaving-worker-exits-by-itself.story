# 017: a worker that leaves may exit before it is asked to, from its drain too; policy then decides as for any exit.
[defaults]
restart_jitter = 0%
[worker:retry]
command = x
[worker:rest]
command = x
restart = on-failure
[worker:over]
command = x
---
at 0ms start                         | spawn retry/0 gen 1
                                     | retry/0 gen 1: DOWN -> STARTING (start)
                                     | spawn rest/0 gen 1
                                     | rest/0 gen 1: DOWN -> STARTING (start)
                                     | spawn over/0 gen 1
                                     | over/0 gen 1: DOWN -> STARTING (start)
at 1ms slots retry/0 1               | retry/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots rest/0 1                | rest/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots over/0 1                | over/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 pool retry      | client/1: to retry/0 gen 1, attempt 1
at 2ms call client/3 pool rest       | client/3: to rest/0 gen 1, attempt 1
at 2ms call client/5 pool over       | client/5: to over/0 gen 1, attempt 1
at 3ms slots retry/0 0               | retry/0 gen 1: UP -> DRAINING (it takes no more calls)
at 3ms slots rest/0 0                | rest/0 gen 1: UP -> DRAINING (it takes no more calls)
at 3ms slots over/0 0                | over/0 gen 1: UP -> DRAINING (it takes no more calls)
at 4ms exit retry/0 code 1           | client/1: answered WORKER_CRASHED (retry/0 ended while it had this call: exit 1 (attempt 1, it may have run))
                                     | retry/0 gen 1: DRAINING -> BACKOFF (exit 1, ran 4ms, it takes no more calls), 1 call in hand lost, retry 1 in 250ms
at 4ms exit rest/0 code 0            | client/3: answered WORKER_CRASHED (rest/0 ended while it had this call: exit 0 (attempt 1, it may have run))
                                     | rest/0 gen 1: DRAINING -> DOWN (exit 0, ran 4ms, it takes no more calls), 1 call in hand lost
at 4ms exit over/0 code 78           | client/5: answered WORKER_CRASHED (over/0 ended while it had this call: exit 78 (attempt 1, it may have run))
                                     | over/0 gen 1: DRAINING -> FAILED (exit 78, ran 4ms, it takes no more calls, listed in no_restart_exit), 1 call in hand lost
