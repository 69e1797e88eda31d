# 040: a worker that closes its channel before it is ready is asked to end, and has failed to start.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms call client/1
at 2ms lost echo/0 closed            | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: STARTING -> STOPPING (it closed its channel), SIGTERM sent
at 3ms exit echo/0 code 1            | echo/0 gen 1: STOPPING -> BACKOFF (exit 1, ran 3ms, it closed its channel), retry 1 in 250ms
at 253ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 260ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 7ms)
                                     | client/1: to echo/0 gen 2, attempt 1, 29.741s left
