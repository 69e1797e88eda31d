# 025: failed starts count only in a row: one that became ready between them begins the count anew.
[worker:echo]
command = echo-worker
restart_jitter = 0%
start_retries = 1
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s exit echo/0 code 1             | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 0.25s tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 0.25s slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 0ms)
at 0.25s exit echo/0 code 1          | echo/0 gen 2: UP -> BACKOFF (exit 1, ran 0ms), retry 2 in 500ms
at 0.75s tick                        | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 0.75s exit echo/0 code 1          | echo/0 gen 3: STARTING -> BACKOFF (exit 1, ran 0ms), retry 3 in 1.0s
at 1.75s tick                        | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 1.75s exit echo/0 code 1          | echo/0 gen 4: STARTING -> FAILED (exit 1, ran 0ms, start_retries used up)
