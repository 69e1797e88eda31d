# 047: a second final frame, or a chunk behind it, is dropped and counted; it cannot reach another call.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3
at 3ms reply client/1                | client/1: answered by echo/0
                                     | client/3: to echo/0 gen 1, attempt 1, 29.999s left
at 4ms reply client/1 late
at 4ms part client/1 late
at 5ms reply client/3                | client/3: answered by echo/0
at 5ms counters echo                 | echo: accepted 2, replied 2, stale 2
