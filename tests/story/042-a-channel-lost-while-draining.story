# 042: a worker that drains and closes its channel is not waited for any more; the line says why.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms stop echo                     | echo/0 gen 1: UP -> DRAINING (on command)
at 4ms lost echo/0 closed            | client/1: answered WORKER_CRASHED (echo/0 closed its channel while it had this call (attempt 1, it may have run))
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (it closed its channel), 1 call in hand lost, SIGTERM sent
at 5ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 5ms)
