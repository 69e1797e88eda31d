# 023: a start or restart by hand does not wait for the delay, and the next delay is the first one again.
# Also after the restart of one that runs.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s exit echo/0 code 1             | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 0.25s tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 0.25s exit echo/0 code 1          | echo/0 gen 2: STARTING -> BACKOFF (exit 1, ran 0ms), retry 2 in 500ms
at 0.75s tick                        | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 0.75s exit echo/0 code 1          | echo/0 gen 3: STARTING -> BACKOFF (exit 1, ran 0ms), retry 3 in 1.0s
at 1s start echo                     | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (start)
at 1s exit echo/0 code 1             | echo/0 gen 4: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 1.25s tick                        | spawn echo/0 gen 5
                                     | echo/0 gen 5: BACKOFF -> STARTING (delay over)
at 1.25s exit echo/0 code 1          | echo/0 gen 5: STARTING -> BACKOFF (exit 1, ran 0ms), retry 2 in 500ms
at 1.5s restart echo                 | spawn echo/0 gen 6
                                     | echo/0 gen 6: BACKOFF -> STARTING (on command)
at 1.5s exit echo/0 code 1           | echo/0 gen 6: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 1.75s tick                        | spawn echo/0 gen 7
                                     | echo/0 gen 7: BACKOFF -> STARTING (delay over)
at 1.75s exit echo/0 code 1          | echo/0 gen 7: STARTING -> BACKOFF (exit 1, ran 0ms), retry 2 in 500ms
at 2.25s tick                        | spawn echo/0 gen 8
                                     | echo/0 gen 8: BACKOFF -> STARTING (delay over)
at 2.25s restart echo                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 8: STARTING -> STOPPING (on command), SIGTERM sent
at 2.3s exit echo/0 code 0           | spawn echo/0 gen 9
                                     | echo/0 gen 9: STOPPING -> STARTING (gen 8: exit 0, ran 50ms)
at 2.4s exit echo/0 code 1           | echo/0 gen 9: STARTING -> BACKOFF (exit 1, ran 100ms), retry 1 in 250ms
