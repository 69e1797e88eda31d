# 007: SLOTS 0 from a worker that was not ready yet changes nothing; it is still expected to become ready.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 0
at 10ms call client/1
at 20ms slots echo/0 1               | echo/0 gen 1: STARTING -> UP (ready after 20ms)
                                     | client/1: to echo/0 gen 1, attempt 1, 29.99s left
