# 050: calls wait for a worker that is starting or comes back, and are served in the order they came.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms call b/1
at 2ms call a/1
at 3ms call b/3
at 4ms exit echo/0 code 1            | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 4ms), retry 1 in 250ms
at 254ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 260ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 6ms)
                                     | b/1: to echo/0 gen 2, attempt 1, 29.741s left
at 261ms call c/1
at 270ms reply b/1                   | b/1: answered by echo/0
                                     | a/1: to echo/0 gen 2, attempt 1, 29.732s left
at 280ms reply a/1                   | a/1: answered by echo/0
                                     | b/3: to echo/0 gen 2, attempt 1, 29.723s left
at 290ms reply b/3                   | b/3: answered by echo/0
                                     | c/1: to echo/0 gen 2, attempt 1, 29.971s left
at 300ms reply c/1                   | c/1: answered by echo/0
