# 203: a restart goes no further after the first failure: what was not begun serves on, and is counted.
[worker:echo]
command = echo-worker
instances = 4
restart_jitter = 0%
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
at 2ms restart echo job 1            | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 3ms exit echo/0 code 0            | spawn echo/0 gen 2
                                     | echo/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 3ms)
at 4ms slots echo/0 1                | echo/0 gen 2: STARTING -> UP (ready after 1ms)
                                     | echo/1 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 5ms exit echo/1 code 0            | spawn echo/1 gen 2
                                     | echo/1 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 5ms)
at 6ms exit echo/1 code 3            | echo/1 gen 2: STARTING -> BACKOFF (exit 3, ran 1ms), retry 1 in 250ms
                                     | job 1: done 1, failed 1, left 2 of 4, changed 2
at 7ms call client/1                 | client/1: to echo/2 gen 1, attempt 1
at 8ms reply client/1                | client/1: answered by echo/2
