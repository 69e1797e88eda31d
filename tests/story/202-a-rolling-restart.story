# 202: a restart is about so many instances at once as rolling says; the others serve meanwhile.
[worker:echo]
command = echo-worker
instances = 4
rolling = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/2 gen 1
                                     | echo/2 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/3 gen 1
                                     | echo/3 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/2 1                | echo/2 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/3 1                | echo/3 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms restart echo job 1            | echo/0 gen 1: UP -> DRAINING (on command)
                                     | echo/1 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 4ms exit echo/1 code 0            | spawn echo/1 gen 2
                                     | echo/1 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 4ms)
at 5ms slots echo/1 1                | echo/1 gen 2: STARTING -> UP (ready after 1ms)
                                     | echo/2 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/2
                                     | signal echo/2 TERM
                                     | echo/2 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 6ms reply client/1                | client/1: answered by echo/0
                                     | flush echo/0
at 6ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 7ms exit echo/0 code 0            | spawn echo/0 gen 2
                                     | echo/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 7ms)
at 8ms exit echo/2 code 0            | spawn echo/2 gen 2
                                     | echo/2 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 8ms)
at 9ms slots echo/2 1                | echo/2 gen 2: STARTING -> UP (ready after 1ms)
                                     | echo/3 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/3
                                     | signal echo/3 TERM
                                     | echo/3 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 10ms slots echo/0 1               | echo/0 gen 2: STARTING -> UP (ready after 3ms)
at 11ms exit echo/3 code 0           | spawn echo/3 gen 2
                                     | echo/3 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 11ms)
at 12ms slots echo/3 1               | echo/3 gen 2: STARTING -> UP (ready after 1ms)
                                     | job 1: done 4, failed 0 of 4, changed 4
at 13ms restart echo job 2 rolling 1 | echo/0 gen 2: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
