# 051: a call goes to the instance with least in hand; among equals to the one that has waited longest.
[worker:echo]
command = echo-worker
instances = 3
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/2 gen 1
                                     | echo/2 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/2 2                | echo/2 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 4                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/2 gen 1, attempt 1
at 3ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 4ms call client/5                 | client/5: to echo/1 gen 1, attempt 1
at 5ms call client/7                 | client/7: to echo/2 gen 1, attempt 1
at 6ms reply client/3                | client/3: answered by echo/0
at 7ms call client/9                 | client/9: to echo/0 gen 1, attempt 1
at 8ms call client/11                | client/11: to echo/1 gen 1, attempt 1
at 8ms call client/13                | client/13: to echo/0 gen 1, attempt 1
at 8ms call client/15                | client/15: to echo/1 gen 1, attempt 1
at 8ms call client/17                | client/17: to echo/1 gen 1, attempt 1
at 8ms call client/19
at 9ms reply client/1                | client/1: answered by echo/2
                                     | client/19: to echo/2 gen 1, attempt 1, 29.999s left
