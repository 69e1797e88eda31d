# 222: a new generation of an instance is the same instance: its keys go on there, behind what the old one has in hand.
[worker:echo]
command = echo-worker
instances = 2
update = overlap
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 order 7         | client/1: to echo/1 gen 1, attempt 1
at 3ms restart echo/1                | spawn echo/1 gen 2
                                     | echo/1 gen 2: DOWN -> STARTING (start, the old one serves meanwhile)
at 4ms slots echo/1 new 2            | echo/1 gen 2: STARTING -> UP (ready after 1ms)
                                     | echo/1 gen 1: UP -> DRAINING (the new one is up)
at 5ms call client/3 order 7
at 6ms call client/5 order 7
at 7ms reply client/1                | client/1: answered by echo/1
                                     | client/3: to echo/1 gen 2, attempt 1, 29.998s left
                                     | client/5: to echo/1 gen 2, attempt 1, 29.999s left
                                     | flush echo/1
at 7ms flushed echo/1 old            | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 8ms exit echo/1 old code 0        | echo/1 gen 1: STOPPING -> DOWN (exit 0, ran 8ms)
at 9ms reply client/3                | client/3: answered by echo/1
at 10ms reply client/5               | client/5: answered by echo/1
