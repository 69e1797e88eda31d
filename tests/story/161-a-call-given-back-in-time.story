# 161: P19: a final frame in the last moment of cancel_grace is in time; the slot comes back once.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms cancel client/1               | client/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/1 (CANCELLED)
at 5003ms reply client/1
at 5004ms call client/3              | client/3: to echo/0 gen 1, attempt 1
at 5005ms reply client/3             | client/3: answered by echo/0
at 10s counters echo                 | echo: accepted 2, replied 1, errored 1
