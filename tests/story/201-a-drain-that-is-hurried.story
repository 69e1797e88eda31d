# 201: a stop after a drain gives stop_timeout; what is lost and what goes to others is counted for both.
[worker:echo]
command = echo-worker
stop_timeout = 100ms
instances = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 3                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/1 gen 1, attempt 1
at 2ms call client/5                 | client/5: to echo/0 gen 1, attempt 1
at 2ms call client/7                 | client/7: to echo/0 gen 1, attempt 1
at 3ms drain echo/0 job 1            | echo/0 gen 1: UP -> DRAINING (drained on command)
at 4ms drain echo/0 job 2
at 5ms stop echo/0 job 3
at 105ms tick                        | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (stop_timeout passed), SIGTERM sent
at 205ms tick                        | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 206ms unsent client/7
at 207ms exit echo/0 signal 9        | client/5: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | client/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 207ms), 2 calls in hand lost, 1 requeued
                                     | job 1: done 1, failed 0 of 1, changed 1, 2 lost, 1 requeued
                                     | job 2: done 1, failed 0 of 1, changed 1, 2 lost, 1 requeued
                                     | job 3: done 1, failed 0 of 1, changed 1, 2 lost, 1 requeued
