# 060: a cancelled call is answered at once, in the queue and in flight; what is answered cannot be cancelled.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3
at 2ms call client/5
at 3ms cancel client/3               | client/3: answered CANCELLED (cancelled by the caller), retry is safe
at 4ms cancel client/1               | client/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/1 (CANCELLED)
at 5ms cancel client/1
at 6ms cancel client/3
at 7ms part client/1
at 8ms reply client/1                | client/5: to echo/0 gen 1, attempt 1, 29.994s left
at 9ms reply client/5                | client/5: answered by echo/0
at 9ms cancel client/5
at 9ms counters echo                 | echo: accepted 3, replied 1, errored 2
