# 093: a stop is done when there is no process, and it has changed only what was not stopped before.
[worker:echo]
command = echo-worker
instances = 3
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/2 gen 1
                                     | echo/2 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms exit echo/2 code 1            | echo/2 gen 1: STARTING -> BACKOFF (exit 1, ran 1ms), retry 1 in 250ms
at 2ms stop echo/1 job 1             | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: STARTING -> STOPPING (on command), SIGTERM sent
at 3ms exit echo/1 signal 15         | echo/1 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 3ms)
                                     | job 1: done 1, failed 0 of 1, changed 1
at 4ms stop echo job 2               | echo/2 gen 1: BACKOFF -> DOWN (on command)
                                     | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 5ms exit echo/0 signal 15         | echo/0 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 5ms)
                                     | job 2: done 3, failed 0 of 3, changed 2
at 6ms stop echo job 3               | job 3: done 3, failed 0 of 3, changed 0
