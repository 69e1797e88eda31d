# 016: a worker that says SLOTS 0 gets no more calls, may finish those it has, and is replaced.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 10ms call client/1                | client/1: to echo/0 gen 1, attempt 1
at 20ms slots echo/0 0               | echo/0 gen 1: UP -> DRAINING (it takes no more calls)
at 21ms call client/3
at 22ms slots echo/0 2
at 23ms slots echo/0 0
at 30ms reply client/1               | client/1: answered by echo/0
                                     | flush echo/0
at 30ms flushed echo/0               | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 31ms slots echo/0 0
at 35ms exit echo/0 code 0           | echo/0 gen 1: STOPPING -> BACKOFF (exit 0, ran 35ms, it takes no more calls), retry 1 in 250ms
at 285ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 290ms slots echo/0 2              | echo/0 gen 2: STARTING -> UP (ready after 5ms)
                                     | client/3: to echo/0 gen 2, attempt 1, 29.731s left
