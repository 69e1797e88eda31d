# 056: a call that waits too long is answered at its deadline; no worker has seen it, so a retry is safe.
[worker:echo]
command = echo-worker
call_timeout = 2s
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 timeout 1h      | client/1: to echo/0 gen 1, attempt 1, 3600s left
at 3ms call client/3 timeout 500ms
at 4ms call client/5
at 503ms tick                        | client/3: answered DEADLINE (no answer within 500ms (it waited in the queue)), retry is safe
at 2004ms tick                       | client/5: answered DEADLINE (no answer within 2.0s (it waited in the queue)), retry is safe
at 3s reply client/1                 | client/1: answered by echo/0
at 3s counters echo                  | echo: accepted 3, replied 1, errored 2, expired 2
