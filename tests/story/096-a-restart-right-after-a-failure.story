# 096: a failure before the command is not held against it, nor one of the process that it ends.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms exit echo/0 code 1            | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 1ms), retry 1 in 250ms
at 1ms restart echo job 1            | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (on command)
at 2ms slots echo/0 1                | echo/0 gen 2: STARTING -> UP (ready after 1ms)
                                     | job 1: done 1, failed 0 of 1, changed 1
at 3ms call client/1                 | client/1: to echo/0 gen 2, attempt 1
at 4ms restart echo job 2            | echo/0 gen 2: UP -> DRAINING (on command)
at 5ms exit echo/0 signal 11         | client/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | spawn echo/0 gen 3
                                     | echo/0 gen 3: DRAINING -> STARTING (gen 2: signal 11 SEGV, ran 4ms), 1 call in hand lost
at 6ms slots echo/0 1                | echo/0 gen 3: STARTING -> UP (ready after 1ms)
                                     | job 2: done 1, failed 0 of 1, changed 1, 1 lost, 0 requeued
