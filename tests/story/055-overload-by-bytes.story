# 055: what waits may not be more than queue_bytes, but one call always fits an empty queue, however large.
[worker:echo]
command = echo-worker
queue_bytes = 4K
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms call client/1 size 1000000    | echo: 1 of 1024 calls wait (1000000 of 4096 bytes): its clients are slowed down
at 2ms call client/3 size 1          | client/3: answered OVERLOADED (echo is overloaded: 1000001 bytes would wait, queue_bytes = 4096), retry is safe
at 3ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 3ms)
                                     | client/1: to echo/0 gen 1, attempt 1, 29.998s left
                                     | echo: 0 of 1024 calls wait (0 of 4096 bytes): there is room again
at 4ms call client/5 size 4000       | echo: 1 of 1024 calls wait (4000 of 4096 bytes): its clients are slowed down
at 5ms call client/7 size 97         | client/7: answered OVERLOADED (echo is overloaded: 4097 bytes would wait, queue_bytes = 4096), retry is safe
at 6ms call client/9 size 96
at 7ms call client/11 size 0
at 8ms call client/13 size 1         | client/13: answered OVERLOADED (echo is overloaded: 4097 bytes would wait, queue_bytes = 4096), retry is safe
at 9ms reply client/1                | client/1: answered by echo/0
                                     | client/5: to echo/0 gen 1, attempt 1, 29.995s left
                                     | echo: 2 of 1024 calls wait (96 of 4096 bytes): there is room again
at 9ms call client/15 size 4000      | echo: 3 of 1024 calls wait (4096 of 4096 bytes): its clients are slowed down
