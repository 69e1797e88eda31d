# 005: a worker that is not ready within start_timeout is stopped, and that counts as a failed start.
[worker:echo]
command = echo-worker
start_timeout = 5s
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 4999ms tick
at 5s tick                           | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 5.1s exit echo/0 signal 15        | echo/0 gen 1: STOPPING -> BACKOFF (signal 15 TERM, ran 5.1s, not ready within start_timeout), retry 1 in 250ms
at 5.35s tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
