# 045: a worker that breaks the protocol after it said that it leaves has failed, whatever its exit says.
[worker:echo]
command = echo-worker
restart = on-failure
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms slots echo/0 0                | echo/0 gen 1: UP -> DRAINING (it takes no more calls)
at 4ms lost echo/0 broken            | client/1: answered WORKER_CRASHED (echo/0 broke the protocol while it had this call (attempt 1, it may have run))
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (it broke the protocol), 1 call in hand lost, SIGTERM sent
at 5ms exit echo/0 signal 15         | echo/0 gen 1: STOPPING -> BACKOFF (signal 15 TERM, ran 5ms, it broke the protocol), retry 1 in 250ms
