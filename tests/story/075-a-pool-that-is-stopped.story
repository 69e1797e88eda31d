# 075: a call to a pool that was stopped, or was never started, is answered at once.
[worker:echo]
command = echo-worker
[worker:report]
command = report
autostart = no
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 pool report     | client/1: answered NO_WORKER (report is stopped), retry is safe
at 3ms stop echo                     | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 4ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 4ms)
at 5ms call client/3 pool echo       | client/3: answered NO_WORKER (echo is stopped), retry is safe
