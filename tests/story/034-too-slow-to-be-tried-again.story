# 034: a start that took too long is a failure also where none is tried again, whatever the exit code is.
[defaults]
start_timeout = 1s
restart_jitter = 0%
restart = never
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1s tick                           | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 1.1s exit echo/0 code 0           | echo/0 gen 1: STOPPING -> FAILED (exit 0, ran 1.1s, not ready within start_timeout, restart = never)
