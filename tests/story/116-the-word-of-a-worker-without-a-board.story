# 116: what a worker has said of its calls by STARTED is no decision of the core: the host tells which had not begun.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 3                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1                      | a/1: to echo/0 gen 1, attempt 1
at 2ms call b/1                      | b/1: to echo/0 gen 1, attempt 1
at 3ms started a/1
at 4ms unsent b/1
at 4ms exit echo/0 signal 9          | a/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 4ms), 1 call in hand lost, 1 requeued, retry 1 in 250ms
at 5ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 5ms)
                                     | b/1: to echo/1 gen 1, attempt 1, 29.997s left
at 6ms reply b/1                     | b/1: answered by echo/1
at 7ms counters echo                 | echo: accepted 2, replied 1, errored 1, crashed 1, requeued 1
