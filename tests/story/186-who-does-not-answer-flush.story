# 186: a worker that does not say that it has handed over everything is asked to end after stop_timeout, also by a drain.
[worker:echo]
command = echo-worker
stop_timeout = 1s
instances = 3
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/2 gen 1
                                     | echo/2 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/2 1                | echo/2 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/1 gen 1, attempt 1
at 3ms notify echo                   | notify echo/2
at 4ms reply client/1                | client/1: answered by echo/0
at 5ms drain echo/0                  | echo/0 gen 1: UP -> DRAINING (drained on command)
                                     | flush echo/0
at 10ms stop echo/1                  | echo/1 gen 1: UP -> DRAINING (on command)
at 510ms reply client/3              | client/3: answered by echo/1
                                     | flush echo/1
at 1005ms tick                       | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (stop_timeout passed, it did not answer FLUSH), SIGTERM sent
at 1006ms flushed echo/0
at 1007ms exit echo/0 code 0         | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 1.0s)
at 1010ms tick                       | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (stop_timeout passed, it did not answer FLUSH), SIGTERM sent
at 2010ms tick                       | kill echo/1
                                     | echo/1 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 2011ms exit echo/1 signal 9       | echo/1 gen 1: KILLING -> DOWN (signal 9 KILL, ran 2.0s)
# it hurries where a stop follows a drain, and an older word of it counts for nothing
at 3s drain echo/2                   | echo/2 gen 1: UP -> DRAINING (drained on command)
                                     | flush echo/2
at 3.5s stop echo/2
at 3.6s flushed echo/2               | end channel echo/2
                                     | signal echo/2 TERM
                                     | echo/2 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 3.7s exit echo/2 code 0           | echo/2 gen 1: STOPPING -> DOWN (exit 0, ran 3.7s)
