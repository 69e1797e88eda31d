# 084: a call that was not seen by one worker, and was by the next, is lost with that one: it may have run.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 3ms)
at 4ms unsent client/1
at 4ms exit echo/0 code 1            | echo/0 gen 1: UP -> BACKOFF (exit 1, ran 4ms), 1 requeued, retry 1 in 250ms
                                     | client/1: to echo/1 gen 1, attempt 1, 29.998s left
at 5ms exit echo/1 signal 11         | client/1: answered WORKER_CRASHED (echo/1 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/1 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 5ms), 1 call in hand lost, retry 1 in 250ms
at 5ms counters echo                 | echo: accepted 1, errored 1, crashed 1, requeued 1
