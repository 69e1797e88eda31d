# 165: what is kept by a worker that was asked to end changes nothing.
[worker:echo]
command = echo-worker
cancel_grace = 100ms
stop_timeout = 1s
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 4ms stop echo                     | echo/0 gen 1: UP -> DRAINING (on command)
at 1004ms tick                       | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (stop_timeout passed), SIGTERM sent
at 1100ms cancel client/1            | client/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/1 (CANCELLED)
at 1950ms cancel client/3            | client/3: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/3 (CANCELLED)
at 2004ms tick                       | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 2005ms exit echo/0 signal 9       | echo/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 2.0s)
