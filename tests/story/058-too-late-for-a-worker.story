# 058: a call whose deadline has come is not given to a worker that is free in the same moment, but answered.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3 timeout 1s
at 2ms call client/5
at 1002ms reply client/1             | client/1: answered by echo/0
                                     | client/3: answered DEADLINE (no answer within 1.0s (it waited in the queue)), retry is safe
                                     | client/5: to echo/0 gen 1, attempt 1, 29s left
at 1003ms reply client/5             | client/5: answered by echo/0
