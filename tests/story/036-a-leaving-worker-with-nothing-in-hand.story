# 036: a worker that leaves with nothing in hand is asked to end at once.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms slots echo/0 0                | echo/0 gen 1: UP -> DRAINING (it takes no more calls)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 3ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> BACKOFF (exit 0, ran 3ms, it takes no more calls), retry 1 in 250ms
