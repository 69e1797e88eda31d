# 085: a draining worker takes calls only while its pool closes: not before, and not any more after a start.
[worker:echo]
command = echo-worker
instances = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 3                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/1 gen 1, attempt 1
at 3ms stop echo/0                   | echo/0 gen 1: UP -> DRAINING (on command)
at 4ms call client/5
at 5ms stop echo/1                   | echo/1 gen 1: UP -> DRAINING (on command)
                                     | client/5: to echo/0 gen 1, attempt 1, 29.999s left
at 6ms start echo/1
at 7ms call client/7
at 8ms reply client/5                | client/5: answered by echo/0
at 9ms reply client/1                | client/1: answered by echo/0
                                     | flush echo/0
at 9ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 10ms exit echo/0 code 0           | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 10ms)
at 11ms reply client/3               | client/3: answered by echo/1
                                     | flush echo/1
at 11ms flushed echo/1               | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 12ms exit echo/1 code 0           | spawn echo/1 gen 2
                                     | echo/1 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 12ms)
at 13ms slots echo/1 1               | echo/1 gen 2: STARTING -> UP (ready after 1ms)
                                     | client/7: to echo/1 gen 2, attempt 1, 29.994s left
