# 015: a stop during a restart wins: no new process is started.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 10ms restart echo                 | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 12ms stop echo
at 15ms exit echo/0 code 0           | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 15ms)
at 1m tick
