# 082: what comes back from a dead worker keeps its place even where the queue is full; nobody is refused twice.
[worker:echo]
command = echo-worker
queue_bytes = 4K
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 size 3000       | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3 size 3000       | client/3: to echo/0 gen 1, attempt 1
at 2ms call client/5 size 4000       | echo: 1 of 1024 calls wait (4000 of 4096 bytes): its clients are slowed down
at 3ms unsent client/1
at 3ms unsent client/3
at 3ms exit echo/0 code 1            | echo/0 gen 1: UP -> BACKOFF (exit 1, ran 3ms), 2 requeued, retry 1 in 250ms
at 4ms call client/7 size 1          | client/7: answered OVERLOADED (echo is overloaded: 10001 bytes would wait, queue_bytes = 4096), retry is safe
at 253ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 260ms slots echo/0 2              | echo/0 gen 2: STARTING -> UP (ready after 7ms)
                                     | client/1: to echo/0 gen 2, attempt 1, 29.742s left
                                     | client/3: to echo/0 gen 2, attempt 1, 29.742s left
at 261ms call client/9 size 97       | client/9: answered OVERLOADED (echo is overloaded: 4097 bytes would wait, queue_bytes = 4096), retry is safe
at 262ms call client/11 size 96
