# 044: calls that are lost when a worker closes its channel after the stop signal stand in the line of its exit.
[worker:echo]
command = echo-worker
stop_timeout = 1s
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 3                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 2ms call client/5                 | client/5: to echo/0 gen 1, attempt 1
at 3ms stop echo                     | echo/0 gen 1: UP -> DRAINING (on command)
at 1003ms tick                       | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (stop_timeout passed), SIGTERM sent
at 1004ms unsent client/5
at 1004ms lost echo/0 closed         | client/3: answered WORKER_CRASHED (echo/0 closed its channel while it had this call (attempt 1, it may have run))
                                     | client/1: answered WORKER_CRASHED (echo/0 closed its channel while it had this call (attempt 1, it may have run))
                                     | client/5: answered DRAINING (echo is stopping), retry is safe
at 1005ms exit echo/0 signal 15      | echo/0 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 1.0s), 2 calls in hand lost, 1 requeued
