# 031: a manual start of a failed worker always works, and gives it all its retries again.
[worker:echo]
command = echo-worker
restart_jitter = 0%
start_retries = 1
restart_limit = 1/1h
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s exit echo/0 code 1             | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 0.25s tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 0.25s exit echo/0 code 1          | echo/0 gen 2: STARTING -> FAILED (exit 1, ran 0ms, start_retries used up)
at 10s start echo                    | spawn echo/0 gen 3
                                     | echo/0 gen 3: FAILED -> STARTING (start)
at 10s exit echo/0 code 1            | echo/0 gen 3: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 10.25s tick                       | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 10.25s slots echo/0 1             | echo/0 gen 4: STARTING -> UP (ready after 0ms)
at 11s exit echo/0 code 1            | echo/0 gen 4: UP -> FAILED (exit 1, ran 750ms, over restart_limit)
# nor does a later line repeat why it gave up
at 12s start echo                    | spawn echo/0 gen 5
                                     | echo/0 gen 5: FAILED -> STARTING (start)
at 12s slots echo/0 1                | echo/0 gen 5: STARTING -> UP (ready after 0ms)
at 13s stop echo                     | echo/0 gen 5: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 5: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 14s exit echo/0 code 1            | echo/0 gen 5: STOPPING -> DOWN (exit 1, ran 2.0s)
