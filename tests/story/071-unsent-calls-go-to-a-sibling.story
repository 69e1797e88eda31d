# 071: calls that a dead worker cannot have seen go to a sibling, in their order, before all that wait.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 4                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 2ms call client/5                 | client/5: to echo/0 gen 1, attempt 1
at 2ms call client/7                 | client/7: to echo/0 gen 1, attempt 1
at 2ms call client/9
at 3ms unsent client/7
at 3ms unsent client/3
at 3ms unsent client/5
at 3ms exit echo/0 signal 9          | client/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 3ms), 1 call in hand lost, 3 requeued, retry 1 in 250ms
at 4ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 4ms)
                                     | client/3: to echo/1 gen 1, attempt 1, 29.998s left
                                     | client/5: to echo/1 gen 1, attempt 1, 29.998s left
at 5ms reply client/3                | client/3: answered by echo/1
                                     | client/7: to echo/1 gen 1, attempt 1, 29.997s left
at 6ms reply client/5                | client/5: answered by echo/1
                                     | client/9: to echo/1 gen 1, attempt 1, 29.996s left
at 7ms reply client/7                | client/7: answered by echo/1
at 7ms counters echo                 | echo: accepted 5, replied 3, errored 1, crashed 1, requeued 3, in flight 1
