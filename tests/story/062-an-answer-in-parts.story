# 062: chunks of an answer go to the client that waits, until the final frame.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call other/1                  | other/1: to echo/0 gen 1, attempt 1
at 3ms part client/1                 | client/1: part from echo/0
at 4ms part other/1                  | other/1: part from echo/0
at 5ms part client/1                 | client/1: part from echo/0
at 6ms reply client/1                | client/1: answered by echo/0
at 7ms cancel other/1                | other/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 other/1 (CANCELLED)
at 8ms part other/1
at 9ms reply other/1
