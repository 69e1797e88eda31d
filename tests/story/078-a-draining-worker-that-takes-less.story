# 078: a worker of a closing pool that says SLOTS 0 finishes what it has; what waits is answered.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 2ms call client/5
at 3ms stop echo                     | echo/0 gen 1: UP -> DRAINING (on command)
at 4ms slots echo/0 0
at 5ms reply client/1                | client/1: answered by echo/0
at 6ms reply client/3                | client/3: answered by echo/0
                                     | flush echo/0
                                     | client/5: answered DRAINING (echo is stopping), retry is safe
at 6ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 7ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 7ms)
