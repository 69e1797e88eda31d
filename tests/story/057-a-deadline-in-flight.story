# 057: a call that a worker has too long is answered and cancelled; its slot returns with the worker's final frame.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 timeout 1s      | client/1: to echo/0 gen 1, attempt 1, 1s left
at 3ms call client/3
at 1002ms tick                       | client/1: answered DEADLINE (no answer within 1.0s (a worker has it, it may still run))
                                     | cancel echo/0 client/1 (DEADLINE)
at 1003ms call client/5
at 1500ms part client/1
at 2s reply client/1                 | client/3: to echo/0 gen 1, attempt 1, 28.003s left
at 2.1s reply client/3               | client/3: answered by echo/0
                                     | client/5: to echo/0 gen 1, attempt 1, 28.903s left
