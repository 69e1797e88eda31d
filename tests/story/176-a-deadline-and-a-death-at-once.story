# 176: P19: a deadline in the same moment as the answer, or as the death: one answer, and the slot comes back once.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 timeout 1s      | client/1: to echo/0 gen 1, attempt 1, 1s left
at 2ms call client/3 timeout 1s      | client/3: to echo/0 gen 1, attempt 1, 1s left
at 2ms call client/5
# the answer is first, the deadline of the other passes in the same step
at 1002ms reply client/1             | client/1: answered by echo/0
                                     | client/5: to echo/0 gen 1, attempt 1, 29s left
                                     | client/3: answered DEADLINE (no answer within 1.0s (a worker has it, it may still run))
                                     | cancel echo/0 client/3 (DEADLINE)
at 1003ms reply client/3
at 1004ms call client/7 timeout 1s   | client/7: to echo/0 gen 1, attempt 1, 1s left
at 1005ms reply client/5             | client/5: answered by echo/0
# the death is first
at 2004ms exit echo/0 signal 9       | client/7: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 2.0s), 1 call in hand lost, retry 1 in 250ms
at 2254ms tick                       | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 2255ms slots echo/0 2             | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 2256ms call client/9 timeout 1s   | client/9: to echo/0 gen 2, attempt 1, 1s left
# the deadline has passed by the time the death is told
at 3256ms tick                       | client/9: answered DEADLINE (no answer within 1.0s (a worker has it, it may still run))
                                     | cancel echo/0 client/9 (DEADLINE)
at 3260ms exit echo/0 signal 9       | echo/0 gen 2: UP -> BACKOFF (signal 9 KILL, ran 1.0s), retry 2 in 500ms
at 3300ms counters echo              | echo: accepted 5, replied 2, errored 3, crashed 1, expired 2
