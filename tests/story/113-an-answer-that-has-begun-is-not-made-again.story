# 113: a call of whose answer a part was passed on is not given to another worker.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
redeliver = always
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1                      | a/1: to echo/0 gen 1, attempt 1
at 2ms call b/1 idempotent           | b/1: to echo/1 gen 1, attempt 1, idempotent
at 3ms part a/1 size 0               | a/1: part from echo/0
at 4ms exit echo/0 signal 9          | a/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 4ms), 1 call in hand lost, retry 1 in 250ms
at 5ms exit echo/1 signal 9          | echo/1 gen 1: UP -> BACKOFF (signal 9 KILL, ran 5ms), 1 redelivered, retry 1 in 250ms
at 6ms counters echo                 | echo: accepted 2, errored 1, crashed 1, redelivered 1, queued 1
