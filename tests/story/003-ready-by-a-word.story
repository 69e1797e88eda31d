# 003: READY=1 makes a worker ready that has not said how many calls it takes; calls wait until it does.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms ready echo/0                  | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 6ms ready echo/0
at 10ms call client/1
at 20ms slots echo/0 1               | client/1: to echo/0 gen 1, attempt 1, 29.99s left
at 30ms reply client/1               | client/1: answered by echo/0
