# 048: a restart does not depend on the channel: it may be lost on the way, the next process has its own.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms restart echo                  | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 3ms lost echo/0 closed
at 4ms exit echo/0 code 0            | spawn echo/0 gen 2
                                     | echo/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 4ms)
at 5ms slots echo/0 1                | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 6ms call client/1                 | client/1: to echo/0 gen 2, attempt 1
at 7ms reply client/1                | client/1: answered by echo/0
