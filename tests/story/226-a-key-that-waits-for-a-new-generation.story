# 226: a key that no instance can take waits, and goes to the new generation as soon as that has the seat.
[worker:echo]
command = echo-worker
update = overlap
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms restart echo/0                | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start, the old one serves meanwhile)
at 4ms slots echo/0 0                | echo/0 gen 1: UP -> DRAINING (it takes no more calls)
at 5ms call client/3 order 7
at 6ms slots echo/0 new 2            | echo/0 gen 2: STARTING -> UP (ready after 3ms)
                                     | client/3: to echo/0 gen 2, attempt 1, 29.999s left
at 7ms reply client/3                | client/3: answered by echo/0
