# 033: a worker that ignores the stop signal after its start_timeout is killed, and counts as one failed start.
[worker:echo]
command = echo-worker
restart_jitter = 0%
start_timeout = 1s
stop_timeout = 2s
start_retries = 1
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1s tick                           | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 2s slots echo/0 1
at 3s tick                           | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 3.01s lost echo/0 closed
at 3.02s exit echo/0 signal 9        | echo/0 gen 1: KILLING -> BACKOFF (signal 9 KILL, ran 3.0s, not ready within start_timeout), retry 1 in 250ms
at 3.27s tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 4.27s tick                        | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 6.27s tick                        | kill echo/0
                                     | echo/0 gen 2: STOPPING -> KILLING (stop_timeout passed)
at 6.28s exit echo/0 signal 9        | echo/0 gen 2: KILLING -> FAILED (signal 9 KILL, ran 3.0s, not ready within start_timeout, start_retries used up)
