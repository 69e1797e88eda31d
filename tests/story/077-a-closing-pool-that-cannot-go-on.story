# 077: what a closing pool cannot serve any more is answered, and nobody has seen it.
[worker:echo]
command = echo-worker
stop_timeout = 1s
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3
at 3ms stop echo                     | echo/0 gen 1: UP -> DRAINING (on command)
at 1003ms tick                       | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (stop_timeout passed), SIGTERM sent
                                     | client/3: answered DRAINING (echo is stopping), retry is safe
at 1010ms exit echo/0 signal 15      | client/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 15 TERM (attempt 1, it may have run))
                                     | echo/0 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 1.0s), 1 call in hand lost
