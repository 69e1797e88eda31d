# 059: an answer that comes in the moment of the deadline is the answer.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 timeout 1s      | client/1: to echo/0 gen 1, attempt 1, 1s left
at 1002ms reply client/1             | client/1: answered by echo/0
