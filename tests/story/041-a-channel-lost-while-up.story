# 041: a worker whose channel is closed cannot answer: its calls are, what it had not been sent goes to a sibling.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 2ms call client/5
at 3ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 3ms)
                                     | client/5: to echo/1 gen 1, attempt 1, 29.999s left
at 4ms unsent client/3
at 4ms lost echo/0 closed            | client/1: answered WORKER_CRASHED (echo/0 closed its channel while it had this call (attempt 1, it may have run))
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: UP -> STOPPING (it closed its channel), 1 call in hand lost, 1 requeued, SIGTERM sent
at 5ms reply client/1 late
at 6ms exit echo/0 signal 15         | echo/0 gen 1: STOPPING -> BACKOFF (signal 15 TERM, ran 6ms, it closed its channel), retry 1 in 250ms
at 7ms reply client/5                | client/5: answered by echo/1
                                     | client/3: to echo/1 gen 1, attempt 1, 29.995s left
