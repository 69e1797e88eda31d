# 224: keys that are in use are kept; with a full table one more is refused, and an idle one makes room.
[worker:echo]
command = echo-worker
instances = 1
order_keys = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 4                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 order 1         | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3 order 2         | client/3: to echo/0 gen 1, attempt 1
at 3ms call client/5 order 3         | client/5: answered OVERLOADED (echo is overloaded: 2 order keys are in use, order_keys = 2), retry is safe
at 4ms call client/7                 | client/7: to echo/0 gen 1, attempt 1
at 5ms reply client/1                | client/1: answered by echo/0
at 6ms call client/9 order 3         | client/9: to echo/0 gen 1, attempt 1
at 7ms call client/11 order 1        | client/11: answered OVERLOADED (echo is overloaded: 2 order keys are in use, order_keys = 2), retry is safe
