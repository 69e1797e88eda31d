# 049: what a process has announced does not hold for the next one: it takes calls when it says so itself.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 5                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms exit echo/0 code 1            | echo/0 gen 1: UP -> BACKOFF (exit 1, ran 2ms), retry 1 in 250ms
at 252ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 253ms ready echo/0                | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 254ms call client/1
at 255ms slots echo/0 1              | client/1: to echo/0 gen 2, attempt 1, 29.999s left
