# 052: SLOTS is an absolute number: more takes what waits, fewer takes nothing back.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3
at 2ms call client/5
at 2ms call client/7
at 3ms slots echo/0 3                | client/3: to echo/0 gen 1, attempt 1, 29.999s left
                                     | client/5: to echo/0 gen 1, attempt 1, 29.999s left
at 4ms slots echo/0 1
at 5ms reply client/1                | client/1: answered by echo/0
at 6ms reply client/3                | client/3: answered by echo/0
at 7ms reply client/5                | client/5: answered by echo/0
                                     | client/7: to echo/0 gen 1, attempt 1, 29.995s left
