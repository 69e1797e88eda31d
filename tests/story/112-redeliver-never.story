# 112: with redeliver = never no call runs twice, idempotent or not; what had not begun goes to a sibling all the same.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
redeliver = never
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1 idempotent           | a/1: to echo/0 gen 1, attempt 1, idempotent
at 2ms call b/1                      | b/1: to echo/0 gen 1, attempt 1
at 3ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 3ms)
at 4ms unsent b/1
at 4ms exit echo/0 signal 9          | a/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 4ms), 1 call in hand lost, 1 requeued, retry 1 in 250ms
                                     | b/1: to echo/1 gen 1, attempt 1, 29.998s left
at 5ms reply b/1                     | b/1: answered by echo/1
at 6ms counters echo                 | echo: accepted 2, replied 1, errored 1, crashed 1, requeued 1
