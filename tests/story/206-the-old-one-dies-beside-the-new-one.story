# 206: if the old process dies while the new one starts, the new one is the instance from then on, and calls wait for it.
[worker:echo]
command = echo-worker
update = overlap
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms restart echo job 1            | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start, the old one serves meanwhile)
at 4ms exit echo/0 signal 9          | client/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> DOWN (signal 9 KILL, ran 4ms), 1 call in hand lost
at 5ms call client/3
at 6ms slots echo/0 1                | echo/0 gen 2: STARTING -> UP (ready after 3ms)
                                     | client/3: to echo/0 gen 2, attempt 1, 29.999s left
                                     | job 1: done 1, failed 0 of 1, changed 1
at 7ms reply client/3                | client/3: answered by echo/0
# and again, with a new one that does not come up either: policy decides as ever
at 8ms restart echo job 2            | spawn echo/0 gen 3
                                     | echo/0 gen 3: DOWN -> STARTING (start, the old one serves meanwhile)
at 9ms exit echo/0 signal 9          | echo/0 gen 2: UP -> DOWN (signal 9 KILL, ran 6ms)
at 10ms exit echo/0 code 1           | echo/0 gen 3: STARTING -> BACKOFF (exit 1, ran 2ms), retry 1 in 250ms
                                     | job 2: done 0, failed 1 of 1, changed 1
at 260ms tick                        | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 261ms slots echo/0 1              | echo/0 gen 4: STARTING -> UP (ready after 1ms)
