# 200: a drain lets calls take as long as they like, takes nothing new, and what it drained stays down until a start.
[worker:echo]
command = echo-worker
stop_timeout = 100ms
instances = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 timeout 1m      | client/1: to echo/0 gen 1, attempt 1, 60s left
at 2ms call client/3                 | client/3: to echo/1 gen 1, attempt 1
at 3ms drain echo/0 job 1            | echo/0 gen 1: UP -> DRAINING (drained on command)
at 4ms call client/5                 | client/5: to echo/1 gen 1, attempt 1
at 5ms reply client/3                | client/3: answered by echo/1
at 6ms reply client/5                | client/5: answered by echo/1
# stop_timeout is long over
at 20s reply client/1                | client/1: answered by echo/0
                                     | flush echo/0
at 20s flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 20.05s exit echo/0 code 0         | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 20.0s)
                                     | job 1: done 1, failed 0 of 1, changed 1
at 22s start echo/0 job 2            | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start)
at 22.1s slots echo/0 2              | echo/0 gen 2: STARTING -> UP (ready after 100ms)
                                     | job 2: done 1, failed 0 of 1, changed 1
