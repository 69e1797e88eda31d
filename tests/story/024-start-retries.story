# 024: with start_retries = 2 the third failed start in a row is the last.
[worker:echo]
command = echo-worker
restart_jitter = 0%
start_retries = 2
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s exit echo/0 code 1             | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 0.25s tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 0.25s exit echo/0 cannot exec 2   | echo/0 gen 2: STARTING -> BACKOFF (cannot start: exec of echo-worker: No such file or directory), retry 2 in 500ms
at 0.75s tick                        | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 1s exit echo/0 code 0             | echo/0 gen 3: STARTING -> FAILED (exit 0, ran 250ms, start_retries used up)
at 1h tick
