# 001: a worker is started, is ready with its first SLOTS, and answers a call.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0ms spawned echo/0 4711
at 5ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 10ms call client/1                | client/1: to echo/0 gen 1, attempt 1
at 20ms reply client/1               | client/1: answered by echo/0
at 20ms counters echo                | echo: accepted 1, replied 1
