# 014: a start during a stop does not call back the signal; the worker ends and comes back as a new process.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 10ms stop echo                    | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 11ms call client/1                | client/1: answered DRAINING (echo is stopping), retry is safe
at 12ms start echo
at 13ms call client/3
at 15ms exit echo/0 code 0           | spawn echo/0 gen 2
                                     | echo/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 15ms)
at 20ms slots echo/0 2               | echo/0 gen 2: STARTING -> UP (ready after 5ms)
                                     | client/3: to echo/0 gen 2, attempt 1, 29.993s left
