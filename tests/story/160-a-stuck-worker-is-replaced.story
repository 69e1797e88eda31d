# 160: W5: a worker that keeps a cancelled call for longer than cancel_grace is stopped, then killed; its siblings serve on.
[worker:echo]
command = echo-worker
instances = 2
stop_timeout = 1s
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 timeout 1s      | client/1: to echo/0 gen 1, attempt 1, 1s left
at 2ms call client/3                 | client/3: to echo/1 gen 1, attempt 1
at 3ms call client/5                 | client/5: to echo/0 gen 1, attempt 1
at 1002ms tick                       | client/1: answered DEADLINE (no answer within 1.0s (a worker has it, it may still run))
                                     | cancel echo/0 client/1 (DEADLINE)
at 6002ms tick                       | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: UP -> STOPPING (stuck 6.0s in request 2), SIGTERM sent
at 6003ms call client/7              | client/7: to echo/1 gen 1, attempt 1
at 6004ms reply client/3             | client/3: answered by echo/1
at 7002ms tick                       | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 7003ms exit echo/0 signal 9       | client/5: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: KILLING -> BACKOFF (signal 9 KILL, ran 7.0s, stuck 6.0s in request 2), 1 call in hand lost, retry 1 in 250ms
at 7253ms tick                       | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 7300ms reply client/7             | client/7: answered by echo/1
at 7301ms counters echo              | echo: accepted 4, replied 2, errored 2, crashed 1, expired 1
