# 079: when one of two instances is stopped, it finishes its own; the other serves what waits and what comes.
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
at 3ms stop echo/0                   | echo/0 gen 1: UP -> DRAINING (on command)
at 4ms call client/7
at 5ms reply client/1                | client/1: answered by echo/0
                                     | flush echo/0
at 5ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 6ms reply client/3                | client/3: answered by echo/1
                                     | client/5: to echo/1 gen 1, attempt 1, 29.996s left
at 7ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 7ms)
at 8ms reply client/5                | client/5: answered by echo/1
                                     | client/7: to echo/1 gen 1, attempt 1, 29.996s left
at 9ms reply client/7                | client/7: answered by echo/1
