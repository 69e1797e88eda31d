# 076: a pool that is stopped takes nothing more, but serves what it has accepted before its last processes end.
[worker:echo]
command = echo-worker
instances = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/1 gen 1, attempt 1
at 2ms call client/5
at 2ms call client/7
at 3ms stop echo                     | echo/1 gen 1: UP -> DRAINING (on command)
                                     | echo/0 gen 1: UP -> DRAINING (on command)
at 4ms call client/9                 | client/9: answered DRAINING (echo is stopping), retry is safe
at 5ms reply client/3                | client/3: answered by echo/1
                                     | client/5: to echo/1 gen 1, attempt 1, 29.997s left
at 6ms reply client/1                | client/1: answered by echo/0
                                     | client/7: to echo/0 gen 1, attempt 1, 29.996s left
at 7ms reply client/5                | client/5: answered by echo/1
                                     | flush echo/1
at 7ms flushed echo/1                | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 8ms reply client/7                | client/7: answered by echo/0
                                     | flush echo/0
at 8ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 9ms exit echo/1 code 0            | echo/1 gen 1: STOPPING -> DOWN (exit 0, ran 9ms)
at 9ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 9ms)
