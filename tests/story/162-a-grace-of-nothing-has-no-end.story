# 162: with cancel_grace = 0ms a cancelled call may take as long as it likes.
[worker:echo]
command = echo-worker
cancel_grace = 0ms
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms cancel client/1               | client/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/1 (CANCELLED)
at 1h reply client/1
at 1h counters echo                  | echo: accepted 1, errored 1
