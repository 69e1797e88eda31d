# 063: a one-way message goes to a worker that is up, busy or not; without one it is dropped and counted.
[worker:echo]
command = echo-worker
instances = 2
---
at 0ms notify echo
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms notify echo
at 2ms ready echo/1                  | echo/1 gen 1: STARTING -> UP (ready after 2ms)
at 2ms notify echo
at 2ms slots echo/1 1
at 3ms notify echo                   | notify echo/1
at 4ms call client/1                 | client/1: to echo/1 gen 1, attempt 1
at 5ms notify echo                   | notify echo/1
at 6ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 6ms)
at 7ms notify echo                   | notify echo/0
at 8ms stop echo/0                   | echo/0 gen 1: UP -> DRAINING (on command)
                                     | flush echo/0
at 8ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 9ms notify echo                   | notify echo/1
at 10ms stop echo                    | echo/1 gen 1: UP -> DRAINING (on command)
at 11ms notify echo                  | notify echo/1
at 12ms reply client/1               | client/1: answered by echo/1
                                     | flush echo/1
at 12ms flushed echo/1               | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 13ms notify echo
at 13ms counters echo                | echo: accepted 1, replied 1, notified 5, unheard 4
