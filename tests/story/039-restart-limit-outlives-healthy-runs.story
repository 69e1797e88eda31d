# 039: a run that is long enough for restart_reset does not empty the window of restart_limit.
[worker:echo]
command = echo-worker
restart_jitter = 0%
restart_reset = 1s
restart_limit = 2/1m
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s slots echo/0 1                 | echo/0 gen 1: STARTING -> UP (ready after 0ms)
at 2s exit echo/0 code 1             | echo/0 gen 1: UP -> BACKOFF (exit 1, ran 2.0s), retry 1 at once
                                     | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 2s tick
at 2s slots echo/0 1                 | echo/0 gen 2: STARTING -> UP (ready after 0ms)
at 3s tick
at 4s exit echo/0 code 1             | echo/0 gen 2: UP -> BACKOFF (exit 1, ran 2.0s), retry 1 at once
                                     | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 4s tick
at 4s slots echo/0 1                 | echo/0 gen 3: STARTING -> UP (ready after 0ms)
at 5s tick
at 6s exit echo/0 code 1             | echo/0 gen 3: UP -> FAILED (exit 1, ran 2.0s, over restart_limit)
