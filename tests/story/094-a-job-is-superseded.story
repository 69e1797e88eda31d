# 094: who waits for a command that another one has turned around is told that it failed.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms stop echo job 1               | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 3ms start echo job 2              | job 1: done 0, failed 1 of 1, changed 1
at 4ms stop echo job 3               | job 2: done 0, failed 1 of 1, changed 1
at 5ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 5ms)
                                     | job 3: done 1, failed 0 of 1, changed 1
at 6ms start echo job 4              | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start)
at 7ms restart echo job 5            | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: STARTING -> STOPPING (on command), SIGTERM sent
at 8ms exit echo/0 signal 15         | spawn echo/0 gen 3
                                     | echo/0 gen 3: STOPPING -> STARTING (gen 2: signal 15 TERM, ran 2ms)
at 9ms slots echo/0 1                | echo/0 gen 3: STARTING -> UP (ready after 1ms)
                                     | job 4: done 1, failed 0 of 1, changed 1
                                     | job 5: done 1, failed 0 of 1, changed 1
