# 204: with update = overlap the old process serves until the new one is up, then finishes what it has and ends.
[worker:echo]
command = echo-worker
update = overlap
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms restart echo job 1            | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start, the old one serves meanwhile)
at 4ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 5ms reply client/3                | client/3: answered by echo/0
at 6ms slots echo/0 new 2            | echo/0 gen 2: STARTING -> UP (ready after 3ms)
                                     | echo/0 gen 1: UP -> DRAINING (the new one is up)
at 7ms call client/5                 | client/5: to echo/0 gen 2, attempt 1
at 8ms reply client/1                | client/1: answered by echo/0
                                     | flush echo/0
at 8ms flushed echo/0 old            | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 9ms exit echo/0 old code 0        | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 9ms)
                                     | job 1: done 1, failed 0 of 1, changed 1
at 10ms reply client/5               | client/5: answered by echo/0
# and once more, in the record that has become free
at 11ms restart echo job 2           | spawn echo/0 gen 3
                                     | echo/0 gen 3: DOWN -> STARTING (start, the old one serves meanwhile)
at 12ms slots echo/0 new 2           | echo/0 gen 3: STARTING -> UP (ready after 1ms)
                                     | echo/0 gen 2: UP -> DRAINING (the new one is up)
                                     | flush echo/0
at 12ms flushed echo/0 old           | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 13ms exit echo/0 old signal 15    | echo/0 gen 2: STOPPING -> DOWN (signal 15 TERM, ran 10ms)
                                     | job 2: done 1, failed 0 of 1, changed 1
