# 073: a call that comes back from a dead worker after its deadline is answered, not given to a sibling.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 timeout 1s      | client/1: to echo/0 gen 1, attempt 1, 1s left
at 3ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 3ms)
at 1001ms unsent client/1
at 1002ms exit echo/0 code 1         | echo/0 gen 1: UP -> BACKOFF (exit 1, ran 1.0s), 1 requeued, retry 1 in 250ms
                                     | client/1: answered DEADLINE (no answer within 1.0s (it waited in the queue)), retry is safe
