# 019: a worker that dies while it drains for a restart is started again at once; its death is not held against it.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms restart echo                  | echo/0 gen 1: UP -> DRAINING (on command)
at 4ms exit echo/0 code 78           | client/1: answered WORKER_CRASHED (echo/0 ended while it had this call: exit 78 (attempt 1, it may have run))
                                     | spawn echo/0 gen 2
                                     | echo/0 gen 2: DRAINING -> STARTING (gen 1: exit 78, ran 4ms), 1 call in hand lost
at 5ms slots echo/0 1                | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 6ms exit echo/0 code 1            | echo/0 gen 2: UP -> BACKOFF (exit 1, ran 2ms), retry 1 in 250ms
