# 092: a restart of all of a pool at once is done when every instance is ready again; calls wait meanwhile and none is lost.
[worker:echo]
command = echo-worker
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
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms restart echo job 7 rolling 0  | echo/0 gen 1: UP -> DRAINING (on command)
                                     | echo/1 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | end channel echo/2
                                     | signal echo/2 TERM
                                     | echo/2 gen 1: STARTING -> STOPPING (on command), SIGTERM sent
at 4ms call client/3
at 5ms exit echo/1 code 0            | spawn echo/1 gen 2
                                     | echo/1 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 5ms)
at 6ms exit echo/2 signal 15         | spawn echo/2 gen 2
                                     | echo/2 gen 2: STOPPING -> STARTING (gen 1: signal 15 TERM, ran 6ms)
at 7ms slots echo/1 1                | echo/1 gen 2: STARTING -> UP (ready after 2ms)
                                     | client/3: to echo/1 gen 2, attempt 1, 29.997s left
at 8ms slots echo/2 1                | echo/2 gen 2: STARTING -> UP (ready after 2ms)
at 9ms reply client/1                | client/1: answered by echo/0
                                     | flush echo/0
at 9ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 10ms exit echo/0 signal 15        | spawn echo/0 gen 2
                                     | echo/0 gen 2: STOPPING -> STARTING (gen 1: signal 15 TERM, ran 10ms)
at 11ms slots echo/0 1               | echo/0 gen 2: STARTING -> UP (ready after 1ms)
                                     | job 7: done 3, failed 0 of 3, changed 3
at 12ms reply client/3               | client/3: answered by echo/1
