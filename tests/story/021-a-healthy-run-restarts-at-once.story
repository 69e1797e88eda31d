# 021: the first end after a run of restart_reset restarts at once, the next ones after 0.25, 0.5 seconds.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1s slots echo/0 1                 | echo/0 gen 1: STARTING -> UP (ready after 1.0s)
at 31s exit echo/0 signal 11         | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 31.0s), retry 1 at once
                                     | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 31s exit echo/0 signal 11         | echo/0 gen 2: STARTING -> BACKOFF (signal 11 SEGV, ran 0ms), retry 2 in 250ms
at 31.25s tick                       | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 31.25s exit echo/0 signal 11      | echo/0 gen 3: STARTING -> BACKOFF (signal 11 SEGV, ran 0ms), retry 3 in 500ms
at 31.75s tick                       | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
