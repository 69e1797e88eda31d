# 026: restart_limit = 2/10s allows two restarts within ten seconds; the third is not made.
[worker:echo]
command = echo-worker
restart_jitter = 0%
restart_delay = 1s
restart_delay_max = 1s
restart_limit = 2/10s
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s exit echo/0 code 1             | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 1.0s
at 1s tick                           | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 1s exit echo/0 code 1             | echo/0 gen 2: STARTING -> BACKOFF (exit 1, ran 0ms), retry 2 in 1.0s
at 2s tick                           | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 2s slots echo/0 1                 | echo/0 gen 3: STARTING -> UP (ready after 0ms)
# the first of the two is ten seconds old
at 10s exit echo/0 code 1            | echo/0 gen 3: UP -> BACKOFF (exit 1, ran 8.0s), retry 3 in 1.0s
at 11s tick                          | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 11s exit echo/0 code 1            | echo/0 gen 4: STARTING -> BACKOFF (exit 1, ran 0ms), retry 4 in 1.0s
at 12s tick                          | spawn echo/0 gen 5
                                     | echo/0 gen 5: BACKOFF -> STARTING (delay over)
at 12s exit echo/0 code 1            | echo/0 gen 5: STARTING -> FAILED (exit 1, ran 0ms, over restart_limit)
at 1h tick
