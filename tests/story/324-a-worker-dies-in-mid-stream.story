# 324: a request that went on is never given to a second worker, whatever was said of it; its caller gets one answer.
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
at 1ms slots echo/0 8                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call c/1 goes-on streams idempotent | c/1: to echo/0 gen 1, attempt 1, idempotent
at 2ms more c/1 size 5 ends          | c/1: more to echo/0
at 2ms part c/1 size 5 ends          | c/1: part from echo/0
at 3ms call c/3 goes-on streams idempotent | c/3: to echo/0 gen 1, attempt 1, idempotent
at 3ms more c/3 size 5 ends last     | c/3: more to echo/0
at 4ms call c/5 goes-on streams idempotent | c/5: to echo/0 gen 1, attempt 1, idempotent
at 5ms call c/7 goes-on streams      | c/7: to echo/0 gen 1, attempt 1
at 5ms more c/7 size 5 ends          | c/7: more to echo/0
at 6ms call c/9 goes-on streams      | c/9: to echo/0 gen 1, attempt 1
at 6ms slots echo/1 8                | echo/1 gen 1: STARTING -> UP (ready after 6ms)
at 7ms unsent c/7
at 7ms unsent c/9
at 7ms exit echo/0 signal 9          | c/7: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it has not run)), retry is safe
                                     | c/5: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | c/3: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | c/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 7ms), 4 calls in hand lost, 1 requeued, retry 1 in 250ms
                                     | c/9: to echo/1 gen 1, attempt 1, 29.999s left
at 8ms more c/9 size 5 ends last     | c/9: more to echo/1
at 8ms more c/1 size 5 ends
at 9ms reply c/9                     | c/9: answered by echo/1
at 9ms counters echo                 | echo: accepted 5, replied 1, errored 4, crashed 4, requeued 1
