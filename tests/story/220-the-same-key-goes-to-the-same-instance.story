# 220: calls with the same order key go to the same instance, in order; others do not wait for them.
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
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/2 1                | echo/2 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 order 7         | client/1: to echo/1 gen 1, attempt 1
at 3ms call client/3 order 7
at 3ms call client/5 order 7
# a slot is free: whoever has no key takes it, and so does another key
at 4ms call client/7                 | client/7: to echo/0 gen 1, attempt 1
at 5ms call client/9 order 1         | client/9: to echo/2 gen 1, attempt 1
at 6ms call client/11
at 7ms reply client/1                | client/1: answered by echo/1
                                     | client/3: to echo/1 gen 1, attempt 1, 29.996s left
at 8ms reply client/7                | client/7: answered by echo/0
                                     | client/11: to echo/0 gen 1, attempt 1, 29.998s left
at 9ms reply client/3                | client/3: answered by echo/1
                                     | client/5: to echo/1 gen 1, attempt 1, 29.994s left
at 10ms reply client/5               | client/5: answered by echo/1
at 11ms call client/13 order 7       | client/13: to echo/1 gen 1, attempt 1
