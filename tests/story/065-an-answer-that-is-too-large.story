# 065: an answer may have so many bytes, whole or in parts; a worker that sends more is told to stop, and keeps its slot.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 answer 1000     | client/1: to echo/0 gen 1, attempt 1
at 3ms reply client/1 size 1000      | client/1: answered by echo/0
at 4ms call client/3 answer 1000     | client/3: to echo/0 gen 1, attempt 1
at 5ms reply client/3 size 1001      | client/3: answered TOO_LARGE (the reply is larger than max_message, 1000 bytes)
at 6ms call client/5 answer 1000     | client/5: to echo/0 gen 1, attempt 1
at 6ms call client/7 answer 1000
at 7ms part client/5 size 600        | client/5: part from echo/0
at 7ms part client/5 size 401        | client/5: answered TOO_LARGE (the reply is larger than max_message, 1000 bytes)
                                     | cancel echo/0 client/5 (TOO_LARGE)
at 8ms part client/5 size 600
at 9ms reply client/5                | client/7: to echo/0 gen 1, attempt 1, 29.997s left
at 10ms part client/7 size 600       | client/7: part from echo/0
at 10ms reply client/7 size 400      | client/7: answered by echo/0
at 11ms call client/9                | client/9: to echo/0 gen 1, attempt 1
at 12ms part client/9 size 4000000000 | client/9: part from echo/0
at 12ms reply client/9 size 4000000000 | client/9: answered by echo/0
at 13ms counters echo                | echo: accepted 5, replied 3, errored 2
