# 072: without a sibling, calls that were not seen wait for the next process; their attempts are not counted.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 idempotent      | client/1: to echo/0 gen 1, attempt 1, idempotent
at 2ms call client/3 timeout 100ms   | client/3: to echo/0 gen 1, attempt 1, 0.1s left
at 3ms unsent client/3
at 3ms unsent client/1
at 3ms exit echo/0 code 1            | echo/0 gen 1: UP -> BACKOFF (exit 1, ran 3ms), 2 requeued, retry 1 in 250ms
at 102ms tick                        | client/3: answered DEADLINE (no answer within 100ms (it waited in the queue)), retry is safe
at 253ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 260ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 7ms)
                                     | client/1: to echo/0 gen 2, attempt 1, idempotent, 29.742s left
at 270ms reply client/1              | client/1: answered by echo/0
